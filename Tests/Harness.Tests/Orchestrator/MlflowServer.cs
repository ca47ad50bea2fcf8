using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Harness.Tests.Orchestrator;

/// <summary>A tracking server that keeps to the contract of MLflow's REST interface 2.0, as its documentation has it, and remembers what it was told.</summary>
internal sealed partial class MlflowServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Dictionary<string, (string Id, string Stage)> experiments = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    private MlflowServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(Answer);
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>By run.</summary>
    public Dictionary<string, Run> Runs { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> ExperimentTags { get; } = new(StringComparer.Ordinal);

    /// <summary>Requests so far, by path.</summary>
    public Dictionary<string, int> Requests { get; } = new(StringComparer.Ordinal);

    /// <summary>What it answers first, once each, before it does what it is asked.</summary>
    public Queue<HttpStatusCode> Refusals { get; } = new();

    public string? ExpectedAuthorization { get; set; }

    public static async Task<MlflowServer> Start()
    {
        var server = new MlflowServer();
        await server.app.StartAsync();
        server.Address = new Uri(server.app.Urls.Single());
        return server;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    public void DeleteExperiment(string name) => experiments[name] = experiments[name] with { Stage = "deleted" };

    private async Task Answer(HttpContext context)
    {
        var path = context.Request.Path.Value!["/api/2.0/mlflow/".Length..];
        var body = context.Request.Method == "POST" ? (await JsonNode.ParseAsync(context.Request.Body))!.AsObject() : [];
        (int Status, JsonObject Reply) answer;
        lock (gate)
        {
            Requests[path] = Requests.GetValueOrDefault(path) + 1;
            answer = Refusals.TryDequeue(out var refusal) ? ((int)refusal, [])
                : ExpectedAuthorization is { } expected && context.Request.Headers.Authorization != expected ? (401, Error("UNAUTHENTICATED", "who are you?"))
                : Do(path, body, context.Request.Query["experiment_name"].ToString());
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.Reply.ToJsonString());
    }

    private (int, JsonObject) Do(string path, JsonObject body, string query)
    {
        switch (path)
        {
            case "experiments/create":
                var name = Text(body, "name");
                if (experiments.ContainsKey(name)) return (400, Error("RESOURCE_ALREADY_EXISTS", $"Experiment(name={name}) already exists."));
                experiments[name] = (FormattableString.Invariant($"{experiments.Count + 1}"), "active");
                return (200, new() { ["experiment_id"] = experiments[name].Id });
            case "experiments/get-by-name":
                return experiments.TryGetValue(query, out var known)
                    ? (200, new() { ["experiment"] = new JsonObject { ["experiment_id"] = known.Id, ["name"] = query, ["lifecycle_stage"] = known.Stage } })
                    : (404, Error("RESOURCE_DOES_NOT_EXIST", "no such experiment"));
            case "experiments/set-experiment-tag":
                ExperimentTags[Key(Text(body, "key"))] = Limited(Text(body, "value"), 5000);
                return (200, []);
            case "runs/search":
                // Two a page, so that pages are turned.
                var from = body["page_token"] is { } token ? int.Parse(token.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture) : 0;
                body["max_results"]!.GetValue<int>().ShouldBeLessThanOrEqualTo(50000);
                var page = Runs.Where(run => run.Value.Experiment == body["experiment_ids"]![0]!.GetValue<string>() && !run.Value.IsDeleted).Skip(from).Take(2).ToArray();
                var reply = new JsonObject { ["runs"] = new JsonArray([.. page.Select(run => (JsonNode)Found(run.Key, run.Value))]) };
                if (page.Length == 2) reply["next_page_token"] = FormattableString.Invariant($"{from + 2}");
                return (200, reply);
            case "runs/create":
                var run = new Run(Text(body, "experiment_id"), Text(body, "run_name"), body["start_time"]!.GetValue<long>());
                foreach (var tag in body["tags"]!.AsArray()) run.Tags[Key(Text(tag!, "key"))] = Limited(Text(tag!, "value"), 5000);
                var id = FormattableString.Invariant($"run{Runs.Count}");
                Runs[id] = run;
                return (200, new() { ["run"] = new JsonObject { ["info"] = new JsonObject { ["run_id"] = id, ["status"] = "RUNNING" } } });
            case "runs/log-batch":
                return Log(Runs[Text(body, "run_id")], body);
            case "runs/update":
                Runs[Text(body, "run_id")].Status = Text(body, "status");
                body["end_time"]!.GetValue<long>().ShouldBeGreaterThan(0);
                return (200, []);
            case "runs/delete":
                Runs[Text(body, "run_id")].IsDeleted = true;
                return (200, []);
            default:
                return (404, Error("ENDPOINT_NOT_FOUND", path));
        }
    }

    /// <summary>The limits of <c>runs/log-batch</c>; a parameter has one value for good.</summary>
    private static (int, JsonObject) Log(Run run, JsonObject body)
    {
        var (metrics, parameters, tags) = (body["metrics"]!.AsArray(), body["params"]!.AsArray(), body["tags"]!.AsArray());
        if (metrics.Count > 1000 || parameters.Count > 100 || tags.Count > 100 || metrics.Count + parameters.Count + tags.Count > 1000 || body.ToJsonString().Length > 1_000_000) return (400, Error("INVALID_PARAMETER_VALUE", "too much in a batch"));
        foreach (var parameter in parameters)
        {
            var (key, value) = (Key(Text(parameter!, "key")), Limited(Text(parameter!, "value"), 500));
            if (!run.Parameters.TryAdd(key, value) && run.Parameters[key] != value) return (400, Error("INVALID_PARAMETER_VALUE", $"Changing param values is not allowed: {key}"));
        }

        foreach (var metric in metrics)
        {
            var value = metric!["value"]!;
            // As Protocol Buffers read a double.
            var number = value.GetValueKind() == JsonValueKind.String
                ? value.GetValue<string>() switch { "NaN" => double.NaN, "Infinity" => double.PositiveInfinity, "-Infinity" => double.NegativeInfinity, var other => throw new FormatException(other) }
                : value.GetValue<double>();
            run.Metrics.Add((Key(Text(metric, "key")), metric["step"]!.GetValue<long>(), number, metric["timestamp"]!.GetValue<long>()));
        }

        return (200, []);
    }

    private static JsonObject Found(string id, Run run) => new JsonObject
    {
        ["info"] = new JsonObject { ["run_id"] = id, ["status"] = run.Status },
        ["data"] = new JsonObject { ["tags"] = new JsonArray([.. run.Tags.Select(tag => (JsonNode)new JsonObject { ["key"] = tag.Key, ["value"] = tag.Value })]) },
    };

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static string Key(string key) => AllowedKey().IsMatch(key) && key.Length <= 250 ? key : throw new FormatException(key);

    private static string Limited(string text, int longest) => text.Length <= longest ? text : throw new FormatException(FormattableString.Invariant($"{text.Length} characters"));

    private static JsonObject Error(string code, string message) => new() { ["error_code"] = code, ["message"] = message };

    [GeneratedRegex(@"^[/\w.\- ]+$", RegexOptions.ECMAScript, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AllowedKey();

    public sealed record Run(string Experiment, string Name, long Start)
    {
        public string Status { get; set; } = "RUNNING";

        public bool IsDeleted { get; set; }

        public Dictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, string> Parameters { get; } = new(StringComparer.Ordinal);

        public List<(string Key, long Step, double Value, long Time)> Metrics { get; } = [];
    }
}
