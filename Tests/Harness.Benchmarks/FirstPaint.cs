using Harness.Server;
using Microsoft.Playwright;

namespace Harness.Benchmarks;

/// <summary>How long a page shows nothing: from the moment when somebody asks for it until Chromium paints the first text, style sheets and server included.</summary>
internal static class FirstPaint
{
    public const string Missing = "no Chromium was found; install it (apt install chromium) or name it in HARNESS_CHROMIUM";

    private const int Rounds = 15;

    private const string Painted =
        "() => new Promise(done => new PerformanceObserver(list => { for (const entry of list.getEntries()) if (entry.name === 'first-contentful-paint') done(entry.startTime); }).observe({ type: 'paint', buffered: true }))";

    /// <summary>Milliseconds by page; nothing without a Chromium.</summary>
    public static async Task<IReadOnlyList<(string Page, double[] Milliseconds)>> Measure(ApiServer server, IReadOnlyList<string> pages)
    {
        var executable = Environment.GetEnvironmentVariable("HARNESS_CHROMIUM") is { Length: > 0 } named ? named : "/usr/bin/chromium";
        if (!File.Exists(executable)) return [];
        using var playwright = await Playwright.CreateAsync();
        // As the tests start it: a container gives Chromium neither a sandbox nor a large /dev/shm.
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
        var times = pages.ToDictionary(page => page, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var page in pages)
            {
                // A context of its own has nothing in its cache; what the link leads to, the pages themselves, is not asked for.
                await using var context = await browser.NewContextAsync(new() { Locale = "en-US" });
                var entered = await context.APIRequest.GetAsync(server.NewLink(), new() { MaxRedirects = 0 });
                if (entered.Status != 303) throw new InvalidOperationException($"The link was answered with {entered.Status}.");
                var view = await context.NewPageAsync();
                await view.GotoAsync(server.Url + page);
                times[page].Add(await view.EvaluateAsync<double>(Painted));
            }
        }

        return [.. times.Select(page => (page.Key, page.Value.ToArray()))];
    }
}
