using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Server;
using Harness.Server.Api;
using Harness.Server.Grains;
using Harness.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Benchmarks;

/// <summary>
/// API and pages while 1,000 simulated workers train an experiment of 100,000 trials and 50 viewers follow its events. Wished: every route's
/// 99th percentile at most 50 ms, events at most 500 ms late, pages at most 200 KB; charts over 10 M points at most 25 ms and 64 KB.
/// </summary>
/// <remarks>Workers, viewers and requesters share the processor with the server: on a machine of their own it would have more of it.</remarks>
internal static class ApiBenchmark
{
    private const int Trials = 100_000, Done = 60_000, Workers = 1000, Viewers = 50, Requesters = 4, Seconds = 30;

    private const int ChartPoints = 10_000_000, PointsPerFrame = 256, FramesPerReport = 64, ChartRequests = 300;

    private const int PointsPerTrial = 100;

    /// <summary>As a real worker does: a report twice a second and per trial, which lasts some seconds.</summary>
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(500), TrialLasts = TimeSpan.FromSeconds(5), Pause = TimeSpan.FromMilliseconds(10);

    private static readonly float[] losses = [.. Enumerable.Range(0, PointsPerTrial).Select(i => 1f / (i + 1))];

    private static readonly string outcome = JsonSerializer.Serialize(
        new TrialOutcome { Kind = OutcomeKind.Completed, Steps = StoreBenchmark.Steps, FinalLoss = 0.1, BestLoss = 0.1, BaselineLoss = 0.2, Solved = false, Parameters = 37, ParametersTotal = 42, MillisecondsPerStep = 1, SequencesPerSecond = 1000, TrainSeconds = 0.1, EvaluationSeconds = 0.01, ProbeSeconds = 0.01, ClippedShare = 0 }, HarnessJson.Default.TrialOutcome);

    private const string Spec =
        """
        version: 1
        name: asked
        task: { kind: adding, length: 10 }
        model: { hidden: 4 }
        matrix: { cell: [rnn, lstm, gru] }
        seeds: { count: 10, base: 1 }
        train: { steps: 10, batch: 4, optimizer: { kind: adam, lr: 1e-3 } }
        """;

    /// <summary>What the program is called with to measure here.</summary>
    public const string UnderServersSettings = "api-under-the-servers-settings";

    public static Task Run() => ServerRuntime.Run(UnderServersSettings);

    public static async Task MeasureHere()
    {
        var folder = Directory.CreateTempSubdirectory("harness-bench-");
        try
        {
            await using var harness = await EmbeddedHarness.Open(folder.FullName, NullLoggerFactory.Instance);
            using var host = await ClusterBenchmark.Start(harness);
            await using var server = await ApiServer.Start(harness, NullLoggerFactory.Instance, new ApiServerOptions(Port: 0));
            var address = JsonSerializer.Deserialize(await File.ReadAllTextAsync(AddressFile.In(folder.FullName)), ApiJson.Default.ServerAddress)!;
            using var client = new HttpClient { BaseAddress = new Uri(server.Url), Timeout = Timeout.InfiniteTimeSpan };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", address.Token);

            var experiment = await harness.Submit(StoreBenchmark.Plan(Trials), Spec, "bench.yaml");
            await Prepare(harness.Scheduler);
            await Load(host.Services.GetRequiredService<IGrainFactory>().GetGrain<ISchedulerGrain>("scheduler"), server, client, experiment);
            await Charts(harness, client);
            await host.StopAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Trains the first of the trials as fast as they can be stored.</summary>
    private static async Task Prepare(Scheduler scheduler)
    {
        var left = Done;
        await Task.WhenAll(Enumerable.Range(0, 64).Select(number => Task.Run(async () =>
        {
            var hello = Hello(number);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var lease = (await scheduler.Acquire(hello, 1, TimeSpan.Zero, CancellationToken.None))[0];
                await scheduler.Report(new AttemptReport(lease.Attempt, [new MetricBatch("train.loss", 1, 1, losses)], [], PointsPerTrial, 0.1, "cpu"));
                await scheduler.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.Completed, outcome, null, null, null));
            }
        })));
    }

    /// <summary>Asks for every route again and again while workers train and viewers watch.</summary>
    private static async Task Load(ISchedulerGrain scheduler, ApiServer server, HttpClient client, long experiment)
    {
        using var end = new CancellationTokenSource();
        using var clock = new ServerClock();
        var training = Enumerable.Range(0, Workers).Select(number => Task.Run(() => Train(scheduler, number, end.Token))).ToArray();
        // Until every worker has begun.
        await Task.Delay(TrialLasts, TimeProvider.System);
        var late = new ConcurrentBag<double>();
        var seen = 0L;
        var viewers = Enumerable.Range(0, Viewers).Select(_ => Task.Run(() => Watch(client, late, () => Interlocked.Increment(ref seen), end.Token))).ToArray();
        var told = new ConcurrentBag<double>();
        var feed = Task.Run(() => Follow(server.Services.GetRequiredService<LiveFeed>(), told, end.Token));
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        late.Clear();
        told.Clear();
        seen = 0;

        var routes = Routes(experiment, (await Ask(client, "api/experiments/1/trials?limit=1")).Text);
        var answers = routes.ToDictionary(route => route, _ => new ConcurrentBag<(double Milliseconds, int Bytes)>(), StringComparer.Ordinal);
        clock.Clear();
        using var waiting = new WaitingProbe();
        var began = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Requesters).Select(number => Task.Run(async () =>
        {
            for (var turn = number * routes.Length / Requesters; TimeProvider.System.GetElapsedTime(began).TotalSeconds < Seconds; turn++)
            {
                var route = routes[turn % routes.Length];
                var asked = TimeProvider.System.GetTimestamp();
                var (bytes, _) = await Ask(client, route);
                answers[route].Add((TimeProvider.System.GetElapsedTime(asked).TotalMilliseconds, bytes));
                await Task.Delay(Pause, TimeProvider.System);
            }
        })));
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        var (paused, collections) = (waiting.Paused, waiting.Collections);
        Measure.Row("api", $"events told to {Viewers} viewers, {Workers} workers, {Trials} trials",
            $"{seen / elapsed.TotalSeconds / Viewers:0} per second to each, {Percentile(late, 0.5):0} ms late (p50), {Percentile(late, 0.99):0} ms (p99); ready to be sent {Percentile(told, 0.5):0} ms late, {Percentile(told, 0.99):0} ms");
        foreach (var route in routes)
        {
            var times = answers[route].Select(answer => answer.Milliseconds).ToArray();
            var own = clock.Of(route);
            Measure.Row("api", route, $"p50 {Percentile(times, 0.5):0.0} ms, p99 {Percentile(times, 0.99):0.0} ms; the server p50 {Percentile(own, 0.5):0.0} ms, p99 {Percentile(own, 0.99):0.0} ms; {answers[route].Max(answer => answer.Bytes) / 1000.0:0.0} KB, {times.Length} requests");
        }

        var all = answers.Values.SelectMany(bag => bag).Select(answer => answer.Milliseconds).ToArray();
        Measure.Row("api", "all routes", $"p50 {Percentile(all, 0.5):0.0} ms, p99 {Percentile(all, 0.99):0.0} ms; the server p50 {Percentile(clock.All, 0.5):0.0} ms, p99 {Percentile(clock.All, 0.99):0.0} ms; {all.Length / elapsed.TotalSeconds:0} requests per second");
        Measure.Row("api", "what everything waits for meanwhile",
            $"a thread that is due: p50 {Percentile(waiting.Late, 0.5):0.0} ms, p99 {Percentile(waiting.Late, 0.99):0.0} ms, {waiting.Late.Max():0} ms at most; the thread pool: p50 {Percentile(waiting.Queued, 0.5):0.0} ms, p99 {Percentile(waiting.Queued, 0.99):0.0} ms; collections: {100 * paused:0.0} % of the time, {string.Join(" + ", collections)}");
        // While workers train and viewers watch, too.
        var paints = await FirstPaint.Measure(server, [$"/experiments/{experiment}", $"/experiments/{experiment}/trials", "/", "/workers"]);
        await end.CancelAsync();
        await Task.WhenAll([.. training, .. viewers, feed]);
        foreach (var (page, times) in paints)
            Measure.Row("api", $"first paint of {page} with {Trials} trials, in a browser that comes for the first time", $"p50 {Percentile(times, 0.5):0} ms, {times.Max():0} ms at most, {times.Length} times");
        if (paints.Count == 0) Measure.Row("api", "first paint", $"not measured: {FirstPaint.Missing}");
    }

    private static string[] Routes(long experiment, string firstTrial)
    {
        var trial = JsonDocument.Parse(firstTrial).RootElement.GetProperty("trials")[0].GetProperty("id").GetInt64();
        return
        [
            "health/ready", "metrics", "api/experiments", $"api/experiments/{experiment}", $"api/experiments/{experiment}/progress", $"api/experiments/{experiment}/trials",
            $"api/experiments/{experiment}/trials?after={Done}", $"api/experiments/{experiment}/trials?state=running", $"api/trials/{trial}", $"api/trials/{trial}/metrics", $"api/trials/{trial}/metrics/train.loss",
            $"api/trials/{trial}/gradients", "api/workers", "api/queue", "api/events?after=1000", $"api/events?after=1000&experiment={experiment}", "POST api/validate", "POST api/plan",
            "", "experiments", $"experiments/{experiment}", $"experiments/{experiment}/trials", $"experiments/{experiment}/trials?state=running", $"experiments/{experiment}/events", $"trials/{trial}", "queue", "workers",
            "events", "events?kind=experiment_submitted",
        ];
    }

    private static async Task<(int Bytes, string Text)> Ask(HttpClient client, string route)
    {
        using var request = route.StartsWith("POST ", StringComparison.Ordinal)
            ? new HttpRequestMessage(HttpMethod.Post, route[5..]) { Content = new StringContent(Spec, Encoding.UTF8, "application/yaml") }
            : new HttpRequestMessage(HttpMethod.Get, route);
        using var response = await client.SendAsync(request);
        // A flood of experiment files is slowed down on purpose.
        if (response.StatusCode != System.Net.HttpStatusCode.TooManyRequests) response.EnsureSuccessStatusCode();
        var bytes = await response.Content.ReadAsByteArrayAsync();
        return (bytes.Length, Encoding.UTF8.GetString(bytes));
    }

    /// <summary>A worker with one slot: leases, reports twice a second, completes.</summary>
    private static async Task Train(ISchedulerGrain scheduler, int number, CancellationToken end)
    {
        try
        {
            // They did not all start at the same moment.
            await Task.Delay(TrialLasts * number / Workers, TimeProvider.System, end);
            while (true)
            {
                var leases = await scheduler.Acquire(Hello(number), 1, TimeSpan.FromSeconds(10), end);
                if (leases.Count == 0) continue;
                var attempt = leases[0].Attempt;
                var reports = (int)(TrialLasts / ReportEvery);
                for (var report = 0; report < reports; report++)
                {
                    await Task.Delay(ReportEvery, TimeProvider.System, end);
                    var points = PointsPerTrial / reports * (report + 1);
                    await scheduler.Report(new AttemptReport(attempt, [new MetricBatch("train.loss", 1, 1, losses[..points])], [], points, 0.1, "cpu"), leases[0].Token!);
                }

                await scheduler.Complete(new AttemptCompletion(attempt, AttemptEnd.Completed, outcome, null, null, null), leases[0].Token!);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Measured enough.
        }
    }

    /// <summary>Follows the stream and notes how long after it happened each tenth event arrives.</summary>
    private static async Task Watch(HttpClient client, ConcurrentBag<double> late, Action seen, CancellationToken end)
    {
        try
        {
            using var response = await client.GetAsync("api/events/stream", HttpCompletionOption.ResponseHeadersRead, end);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(end));
            var count = 0;
            while (await reader.ReadLineAsync(end) is { } line)
            {
                if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
                seen();
                if (++count % 10 > 0 || line.IndexOf("\"at\":\"", StringComparison.Ordinal) is not (> 0 and var at)) continue;
                var text = line.AsSpan(at + 6);
                var happened = DateTimeOffset.Parse(text[..text.IndexOf('"')], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
                late.Add((TimeProvider.System.GetUtcNow() - happened).TotalMilliseconds);
            }
        }
        catch (Exception error) when (end.IsCancellationRequested && error is OperationCanceledException or IOException or HttpRequestException)
        {
            // Measured enough.
        }
    }

    /// <summary>Notes how long after it happened each tenth event is ready to be sent to whoever follows.</summary>
    private static async Task Follow(LiveFeed feed, ConcurrentBag<double> late, CancellationToken end)
    {
        using var watch = feed.Watch();
        var (version, seq) = (-1L, long.MaxValue);
        try
        {
            while (true)
            {
                var moment = await feed.After(version, end);
                var now = TimeProvider.System.GetUtcNow();
                foreach (var happened in moment.Recent.Where(known => known.Event.Seq > seq && known.Event.Seq % 10 == 0)) late.Add((now - happened.Event.At).TotalMilliseconds);
                (version, seq) = (moment.Version, moment.Seq);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Measured enough.
        }
    }

    /// <summary>Charts of one curve of 10 M points: the whole of it, and stretches down to some hundred points.</summary>
    private static async Task Charts(EmbeddedHarness harness, HttpClient client)
    {
        await harness.Submit(StoreBenchmark.Plan(1, seed: Trials + 1), "text", "bench.yaml");
        await harness.Scheduler.Pause(1);
        var lease = (await harness.Scheduler.Acquire(Hello(Workers), 1, TimeSpan.FromSeconds(10), CancellationToken.None))[0];
        var values = new float[PointsPerFrame];
        for (var step = 0; step < ChartPoints; step += FramesPerReport * PointsPerFrame)
        {
            MetricBatch[] batches = [.. Enumerable.Range(0, FramesPerReport).Select(frame => new MetricBatch("train.loss", step + frame * PointsPerFrame + 1, 1,
                [.. values.Select((_, i) => (float)(1 / Math.Sqrt(step + frame * PointsPerFrame + i + 1) * (1 + 0.3 * Math.Sin(i * 12.9898 + frame)))) ]))];
            if (!await harness.Scheduler.Report(new AttemptReport(lease.Attempt, batches, [], step, 0.5, "cpu"))) throw new InvalidOperationException("A report was refused.");
        }

        var asked = new List<(double Milliseconds, int Bytes)>();
        var route = $"api/trials/{lease.Attempt.Trial}/metrics/train.loss";
        foreach (var (name, query) in new (string, Func<int, string>)[] { ("whole", _ => "?points=500"), ("whole, as fine as it gets", _ => "?points=4000"), ("a stretch of 10 to 10 M points", Stretch), ("names and ranges", _ => "") })
        {
            asked.Clear();
            for (var i = 0; i < ChartRequests; i++)
            {
                var began = TimeProvider.System.GetTimestamp();
                var (bytes, _) = await Ask(client, name == "names and ranges" ? $"api/trials/{lease.Attempt.Trial}/metrics" : route + query(i));
                asked.Add((TimeProvider.System.GetElapsedTime(began).TotalMilliseconds, bytes));
            }

            var times = asked.Select(answer => answer.Milliseconds).ToArray();
            Measure.Row("api", $"chart of {ChartPoints / 1e6:0} M points, {name}", $"p50 {Percentile(times, 0.5):0.0} ms, p99 {Percentile(times, 0.99):0.0} ms, {asked.Max(answer => answer.Bytes) / 1000.0:0.0} KB");
        }

        static string Stretch(int i)
        {
            var length = (int)Math.Pow(10, 1 + 6.0 * (i % 60) / 59);
            var from = (int)((long)(ChartPoints - length) * (i * 37 % 101) / 100) + 1;
            return string.Create(CultureInfo.InvariantCulture, $"?points=500&from={from}&to={from + length - 1}");
        }
    }

    private static WorkerHello Hello(int number) => new($"w{number}", $"host-{number}", 1, 1, StoreBenchmark.Environment);

    private static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
