using Microsoft.Playwright;

namespace Harness.Tests.Browser;

/// <summary>
/// One headless Chromium for every test that looks at a page as a reader does. Without a Chromium on the machine such tests are
/// skipped and say so; with HARNESS_REQUIRE_BROWSER=1 they fail instead.
/// </summary>
public sealed class BrowserFixture : IAsyncDisposable
{
    private static readonly string[] places =
    [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", @"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ];

    private readonly Lazy<Task<IBrowser?>> launched;
    private IPlaywright? playwright;

    /// <summary>Chromium starts when the first test opens a page: most runs of the suite open none.</summary>
    public BrowserFixture() => launched = new(Launch);

    /// <summary>HARNESS_CHROMIUM, else the first of the usual places; null when there is none.</summary>
    private static string? Executable => Environment.GetEnvironmentVariable("HARNESS_CHROMIUM") is { Length: > 0 } named ? named : Array.Find(places, File.Exists);

    /// <summary>A page of its own, in English, UTC and 1280 × 800 unless <paramref name="settings"/> say otherwise, that keeps what goes wrong on it.</summary>
    public async Task<WatchedPage> Open(BrowserNewContextOptions? settings = null)
    {
        var browser = await launched.Value;
        if (browser is null)
        {
            const string missing = "no Chromium was found: install it (apt install chromium) or name it in HARNESS_CHROMIUM";
            if (Environment.GetEnvironmentVariable("HARNESS_REQUIRE_BROWSER") == "1") throw new InvalidOperationException($"HARNESS_REQUIRE_BROWSER=1, but {missing}.");
            Assert.Skip($"A browser test was skipped: {missing}.");
        }

        settings ??= new();
        settings.Locale ??= "en-US";
        settings.TimezoneId ??= "UTC";
        settings.ViewportSize ??= new() { Width = 1280, Height = 800 };
        var context = await browser.NewContextAsync(settings);
        return new WatchedPage(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (launched.IsValueCreated && await launched.Value is { } browser) await browser.DisposeAsync();
        playwright?.Dispose();
    }

    private async Task<IBrowser?> Launch()
    {
        if (Executable is not { } executable) return null;
        playwright = await Playwright.CreateAsync();
        // A container gives Chromium neither a sandbox nor a large /dev/shm.
        return await playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
    }
}

/// <summary>Tests that share the browser; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser";
}
