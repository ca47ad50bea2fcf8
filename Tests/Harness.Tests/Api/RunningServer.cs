using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Server;
using Harness.Server.Api;
using Harness.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Tests.Api;

/// <summary>API and dashboard over a database of their own, with workers that the test plays: no silo, no training, every moment chosen.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public const string Spec =
        """
        version: 1
        name: small
        question: Does the page show it?
        task: { kind: temporal-order, length: 12 }
        model: { hidden: 8 }
        matrix: { cell: [rnn, lstm] }
        seeds: { count: 2, base: 1 }
        train: { steps: 40, batch: 8, optimizer: { kind: adam, lr: 1e-3 } }
        """;

    public const string Machine =
        """{"harness":"t","operating_system":"o","runtime":"r","torch_sharp":"t","libtorch":"l","libtorch_source":"s","processor":"A processor","processor_count":2,"devices":["cpu"],"threads":1}""";

    private readonly TemporaryFolder folder;

    private RunningServer(TemporaryFolder folder, EmbeddedHarness harness, ApiServer server, ServerAddress address)
    {
        (this.folder, Harness, Server) = (folder, harness, server);
        Token = address.Token;
        Operator = Client(address.Token);
        Viewer = Client(address.ViewerToken);
        Nobody = Client(null);
    }

    public EmbeddedHarness Harness { get; }

    public ApiServer Server { get; }

    /// <summary>Whoever shows it may do everything.</summary>
    public string Token { get; }

    public HttpClient Operator { get; }

    public HttpClient Viewer { get; }

    /// <summary>Shows no token.</summary>
    public HttpClient Nobody { get; }

    /// <param name="secure">How other machines reach it; null when none can.</param>
    public static async Task<RunningServer> Start(SecureEndpoint? secure = null)
    {
        var folder = new TemporaryFolder();
        var harness = await EmbeddedHarness.Open(folder.Path, NullLoggerFactory.Instance);
        var server = await ApiServer.Start(harness, NullLoggerFactory.Instance, new ApiServerOptions(Port: 0, Secure: secure));
        var address = JsonSerializer.Deserialize(await File.ReadAllTextAsync(AddressFile.In(folder.Path)), ApiJson.Default.ServerAddress)!;
        return new RunningServer(folder, harness, server, address);
    }

    /// <summary>A client that does what it is told and no more: no cookies of its own, no redirects followed.</summary>
    public HttpClient Client(string? token)
    {
        var client = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(Server.Url) };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public static StringContent Yaml(string text) => new(text, Encoding.UTF8, "application/yaml");

    public async Task<long> Submit(string spec = Spec)
    {
        using var content = Yaml(spec);
        using var response = await Operator.PostAsync("api/experiments", content);
        response.EnsureSuccessStatusCode();
        return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(), ApiJson.Default.SubmitReply)!.Experiment;
    }

    public async Task<JsonElement> Get(string path) => JsonDocument.Parse(await Operator.GetStringAsync(path)).RootElement;

    /// <summary>A worker asks for work.</summary>
    public async Task<IReadOnlyList<Lease>> Acquire(string worker = "worker-1", int count = 1, int slots = 2) =>
        await Harness.Scheduler.Acquire(new WorkerHello(worker, "machine", 4711, slots, Machine), count, TimeSpan.Zero, CancellationToken.None);

    /// <summary>Its trainer tells of a stretch of training, with curves and a gradient profile.</summary>
    public Task<bool> Report(Lease lease, int step, double loss = 0.5) => Harness.Scheduler.Report(new AttemptReport(
        lease.Attempt,
        [
            new MetricBatch("train.loss", 1, 1, [.. Enumerable.Range(1, step).Select(at => 1f / at)]),
            new MetricBatch("eval.loss", 0, 20, [1f, (float)loss]),
        ],
        [JsonSerializer.Serialize(new GradientProfile(ProbeMoment.Init, 0, "h", 0, false, [1, 0.5, 0.25, 0.125], -0.301, 1), HarnessJson.Default.GradientProfile)],
        step, loss, "cpu"));

    public Task<bool> Complete(Lease lease, AttemptEnd end = AttemptEnd.Completed, string? message = null, int? exitCode = null) => Harness.Scheduler.Complete(new AttemptCompletion(
        lease.Attempt, end,
        end is AttemptEnd.Completed
            ? JsonSerializer.Serialize(new TrialOutcome { Kind = OutcomeKind.Completed, Steps = 40, FinalLoss = 0.25, BestLoss = 0.25, FinalAccuracy = 0.9, BaselineLoss = 1.4, Solved = true, StepsToTarget = 20, SecondsToTarget = 0.1, Parameters = 128, ParametersTotal = 164, MillisecondsPerStep = 1.5, SequencesPerSecond = 5000, TrainSeconds = 0.5, EvaluationSeconds = 0.1, ProbeSeconds = 0.1, ClippedShare = 0 }, HarnessJson.Default.TrialOutcome)
            : null,
        message, exitCode, null));

    /// <summary>Trains everything that waits.</summary>
    public async Task TrainAll()
    {
        while (await Acquire() is [var lease])
        {
            await Report(lease, 40);
            await Complete(lease);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        Viewer.Dispose();
        Nobody.Dispose();
        await Server.DisposeAsync();
        await Harness.DisposeAsync();
        folder.Dispose();
    }
}
