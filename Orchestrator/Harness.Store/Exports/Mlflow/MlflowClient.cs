using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Harness.Store.Exports.Mlflow;

/// <summary>Speaks MLflow's REST interface, version 2.0 (https://mlflow.org/docs/latest/api_reference/rest-api.html).</summary>
internal sealed class MlflowClient : IDisposable
{
    private const int Attempts = 4;

    private readonly HttpClient http;

    /// <param name="server">The address of the tracking server.</param>
    /// <param name="environment">Reads MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, as MLflow's own client does.</param>
    public MlflowClient(Uri server, Func<string, string?> environment)
    {
        http = new HttpClient { BaseAddress = new Uri(server.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/api/2.0/mlflow/"), Timeout = TimeSpan.FromSeconds(120) };
        if (environment("MLFLOW_TRACKING_TOKEN") is { Length: > 0 } token) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        else if (environment("MLFLOW_TRACKING_USERNAME") is { Length: > 0 } user)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{environment("MLFLOW_TRACKING_PASSWORD")}")));
    }

    public void Dispose() => http.Dispose();

    /// <summary>The experiment of a name, created where there is none.</summary>
    public async Task<string> Experiment(string name, CancellationToken cancellation)
    {
        using var created = await Send(HttpMethod.Post, "experiments/create", new CreateExperiment(name, []), MlflowJson.Default.CreateExperiment, cancellation);
        if (created.IsSuccessStatusCode) return (await Read(created, MlflowJson.Default.ExperimentCreated, cancellation)).ExperimentId;
        if (await ErrorOf(created, cancellation) is not { ErrorCode: "RESOURCE_ALREADY_EXISTS" }) throw await Refused(created, cancellation);
        using var found = await Send<object>(HttpMethod.Get, $"experiments/get-by-name?experiment_name={Uri.EscapeDataString(name)}", null, null, cancellation);
        if (!found.IsSuccessStatusCode) throw await Refused(found, cancellation);
        var experiment = (await Read(found, MlflowJson.Default.ExperimentFound, cancellation)).Experiment;
        if (experiment.LifecycleStage == "deleted") throw new StoreException($"The experiment '{name}' is deleted on the MLflow server. Restore it there, or remove it for good with 'mlflow gc'.");
        return experiment.ExperimentId;
    }

    /// <summary>All runs of an experiment that are not deleted.</summary>
    public async Task<IReadOnlyList<MlflowRun>> Runs(string experiment, CancellationToken cancellation)
    {
        var runs = new List<MlflowRun>();
        string? next = null;
        do
        {
            var page = await Ask("runs/search", new SearchRuns([experiment], 1000, next), MlflowJson.Default.SearchRuns, MlflowJson.Default.RunsFound, cancellation);
            runs.AddRange(page.Runs ?? []);
            next = page.NextPageToken;
        }
        while (!string.IsNullOrEmpty(next));

        return runs;
    }

    public async Task<string> Create(CreateRun run, CancellationToken cancellation) =>
        (await Ask("runs/create", run, MlflowJson.Default.CreateRun, MlflowJson.Default.RunCreated, cancellation)).Run.Info.RunId;

    public Task Log(LogBatch batch, CancellationToken cancellation) => Tell("runs/log-batch", batch, MlflowJson.Default.LogBatch, cancellation);

    public Task Update(UpdateRun update, CancellationToken cancellation) => Tell("runs/update", update, MlflowJson.Default.UpdateRun, cancellation);

    public Task Delete(string run, CancellationToken cancellation) => Tell("runs/delete", new DeleteRun(run), MlflowJson.Default.DeleteRun, cancellation);

    public Task Tag(SetExperimentTag tag, CancellationToken cancellation) => Tell("experiments/set-experiment-tag", tag, MlflowJson.Default.SetExperimentTag, cancellation);

    private async Task Tell<TRequest>(string path, TRequest request, JsonTypeInfo<TRequest> type, CancellationToken cancellation) where TRequest : class
    {
        using var answer = await Send(HttpMethod.Post, path, request, type, cancellation);
        if (!answer.IsSuccessStatusCode) throw await Refused(answer, cancellation);
    }

    private async Task<TReply> Ask<TRequest, TReply>(string path, TRequest request, JsonTypeInfo<TRequest> type, JsonTypeInfo<TReply> reply, CancellationToken cancellation) where TRequest : class
    {
        using var answer = await Send(HttpMethod.Post, path, request, type, cancellation);
        return answer.IsSuccessStatusCode ? await Read(answer, reply, cancellation) : throw await Refused(answer, cancellation);
    }

    /// <summary>A busy server is asked again. Points and tags that are sent twice are stored once; a run that is created twice has a twin that the next export deletes.</summary>
    private async Task<HttpResponseMessage> Send<T>(HttpMethod method, string path, T? body, JsonTypeInfo<T>? type, CancellationToken cancellation) where T : class
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var request = new HttpRequestMessage(method, path);
                if (body is not null) request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type!)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                var answer = await http.SendAsync(request, cancellation);
                if (attempt == Attempts || answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout)) return answer;
                answer.Dispose();
            }
            catch (HttpRequestException error)
            {
                throw new StoreException($"The MLflow server at {http.BaseAddress!.GetLeftPart(UriPartial.Authority)} cannot be reached: {error.Message} Check --to, or start one with 'mlflow server'.", error);
            }
            catch (TaskCanceledException error) when (!cancellation.IsCancellationRequested)
            {
                throw new StoreException($"The MLflow server at {http.BaseAddress!.GetLeftPart(UriPartial.Authority)} did not answer within {http.Timeout.TotalSeconds:0} s. What was sent stays there, and the same command sends the rest.", error);
            }

            await Task.Delay(TimeSpan.FromSeconds(Math.Pow(2, attempt - 1)), TimeProvider.System, cancellation);
        }
    }

    private async Task<T> Read<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync(type, cancellation) ?? throw new JsonException("The answer is empty.");
        }
        catch (JsonException error)
        {
            throw new StoreException($"What answers at {http.BaseAddress} is no MLflow server: {error.Message} Check --to.", error);
        }
    }

    private static async Task<MlflowError?> ErrorOf(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            return JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(cancellation), MlflowJson.Default.MlflowError);
        }
        catch (JsonException)
        {
            // A proxy or another program answered.
            return null;
        }
    }

    private async Task<StoreException> Refused(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var error = await ErrorOf(answer, cancellation);
        var advice = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? " Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD."
            : error?.ErrorCode is null ? " Check --to." : "";
        return new StoreException(FormattableString.Invariant($"The MLflow server at {http.BaseAddress!.GetLeftPart(UriPartial.Authority)} refused {answer.RequestMessage?.RequestUri?.AbsolutePath} ({(int)answer.StatusCode}{(error?.ErrorCode is { } code ? $", {code}" : "")}){(error?.Message is { Length: > 0 } message ? $": {message}" : ".")}{advice}"));
    }
}
