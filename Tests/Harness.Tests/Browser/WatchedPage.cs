using Microsoft.Playwright;

namespace Harness.Tests.Browser;

/// <summary>A page and everything that a person with the developer tools open would see go wrong on it.</summary>
public sealed class WatchedPage : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly List<string> complaints = [];
    private readonly List<string> requests = [];

    internal WatchedPage(IBrowserContext context, IPage page)
    {
        (this.context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") Add(complaints, $"console {message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => Add(complaints, $"page error: {error}");
        page.RequestFailed += (_, request) => Add(complaints, $"failed request: {request.Url} {request.Failure}");
        page.Request += (_, request) => Add(requests, request.Url);
    }

    public IPage Page { get; }

    /// <summary>Errors and warnings of the console, uncaught errors and failed requests so far.</summary>
    public IReadOnlyList<string> Complaints => Copy(complaints);

    /// <summary>Every address asked for so far, the page's own included.</summary>
    public IReadOnlyList<string> Requests => Copy(requests);

    /// <summary>Shows a page that is a file.</summary>
    public Task ShowFile(string path) => Page.GotoAsync(new Uri(path).AbsoluteUri);

    public ValueTask DisposeAsync() => context.DisposeAsync();

    private static void Add(List<string> list, string line)
    {
        lock (list) list.Add(line);
    }

    private static string[] Copy(List<string> list)
    {
        lock (list) return [.. list];
    }
}
