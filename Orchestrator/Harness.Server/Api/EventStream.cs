using System.Globalization;
using System.Text;
using Harness.Store.Views;

namespace Harness.Server.Api;

/// <summary>Server-sent events: what happened, for programs; that something changed, for pages.</summary>
internal static class EventStream
{
    public const string ContentType = "text/event-stream";

    /// <summary>Nothing for this long is filled with a comment, so that both ends know of each other.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <summary>Every event, each with its sequence number as id. A viewer that missed more than the feed remembers gets a snapshot event and resumes from now.</summary>
    public static async Task Events(HttpContext context, LiveFeed feed, ClusterViews views, TimeProvider time, IHostApplicationLifetime lifetime, long? experiment = null, long? after = null)
    {
        var resume = long.TryParse(context.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : after;
        await Serve(context, feed, time, lifetime, async (moment, write) =>
        {
            resume ??= moment.Seq;
            IReadOnlyList<LiveEvent> events = moment.Seq == resume ? []
                : resume >= moment.Floor && experiment is null ? [.. moment.Recent.Where(known => known.Event.Seq > resume)]
                : [.. (await views.Read(connection => ClusterReader.EventsAfter(connection, resume.Value, experiment, LiveFeed.MostRecent + 1), context.RequestAborted)).Select(happened => new LiveEvent(happened))];
            if (events.Count > LiveFeed.MostRecent)
            {
                await write(FormattableString.Invariant($"event: snapshot\nid: {moment.Seq}\ndata: {{\"seq\":{moment.Seq}}}\n\n"));
            }
            else if (events.Count > 0)
            {
                await write(events.Aggregate(new StringBuilder(), (text, happened) => text.Append(happened.Text)).ToString());
            }

            resume = moment.Seq;
        });
    }

    /// <summary>Only that something changed: a page then asks for what it shows.</summary>
    public static Task Changes(HttpContext context, LiveFeed feed, TimeProvider time, IHostApplicationLifetime lifetime) => Serve(context, feed, time, lifetime,
        (moment, write) => write(FormattableString.Invariant($"event: change\ndata: {{\"version\":{moment.Version},\"seq\":{moment.Seq}}}\n\n")));

    /// <summary>Sends every change that the viewer keeps up with; a slow viewer skips to the latest.</summary>
    private static async Task Serve(HttpContext context, LiveFeed feed, TimeProvider time, IHostApplicationLifetime lifetime, Func<LiveMoment, Func<string, Task>, Task> tell)
    {
        context.Response.ContentType = ContentType;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var watch = feed.Watch();
        try
        {
            await Write("retry: 2000\n\n");
            long version = -1;
            var next = feed.After(version, end.Token);
            while (true)
            {
                if (await Task.WhenAny(next, Task.Delay(Silence, time, end.Token)) != next)
                {
                    end.Token.ThrowIfCancellationRequested();
                    await Write(":\n\n");
                    continue;
                }

                var moment = await next;
                await tell(moment, Write);
                version = moment.Version;
                next = feed.After(version, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The viewer has gone, or the server ends.
        }

        async Task Write(string text)
        {
            await context.Response.WriteAsync(text, end.Token);
            await context.Response.Body.FlushAsync(end.Token);
        }
    }
}
