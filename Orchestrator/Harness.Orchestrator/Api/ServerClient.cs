using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Harness.Orchestrator.Store;

namespace Harness.Orchestrator.Api;

/// <summary>Speaks with the server that runs on a data folder.</summary>
internal sealed class ServerClient : IDisposable
{
    private readonly HttpClient http;
    private readonly ServerAddress address;

    private ServerClient(ServerAddress address)
    {
        this.address = address;
        http = new HttpClient { BaseAddress = new Uri(address.Url), Timeout = TimeSpan.FromSeconds(100) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", address.Token);
    }

    public int ProcessId => address.ProcessId;

    /// <summary>The server of a data folder; null when none runs there.</summary>
    public static ServerClient? Find(string folder)
    {
        try
        {
            var address = JsonSerializer.Deserialize(File.ReadAllText(ApiServer.AddressFile(folder)), ApiJson.Default.ServerAddress);
            // One that was killed could not remove its address.
            return address is null || Hosting.LiveProcess.IsGone(Environment.MachineName, address.ProcessId) ? null : new ServerClient(address);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public async Task<long> Submit(SubmitRequest request, CancellationToken cancellation) =>
        (await Ask(HttpMethod.Post, "api/experiments", request, ApiJson.Default.SubmitReply, cancellation)).Experiment;

    public Task<ProgressReply> Progress(long experiment, CancellationToken cancellation) =>
        Ask(HttpMethod.Get, FormattableString.Invariant($"api/experiments/{experiment}/progress"), null, ApiJson.Default.ProgressReply, cancellation);

    /// <param name="verb">pause, resume, cancel or retry.</param>
    public async Task<int> Change(long experiment, string verb, CancellationToken cancellation) =>
        (await Ask(HttpMethod.Post, FormattableString.Invariant($"api/experiments/{experiment}/{verb}"), null, ApiJson.Default.ChangeReply, cancellation)).Changed;

    /// <summary>A link that opens the dashboard in a browser, once.</summary>
    public async Task<string> NewLink(CancellationToken cancellation) => (await Ask(HttpMethod.Post, "api/links", null, ApiJson.Default.LinkReply, cancellation)).Url;

    public void Dispose() => http.Dispose();

    private async Task<T> Ask<T>(HttpMethod method, string path, SubmitRequest? body, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null) request.Content = JsonContent.Create(body, ApiJson.Default.SubmitRequest);
            using var response = await http.SendAsync(request, cancellation);
            if (response.IsSuccessStatusCode) return (await response.Content.ReadFromJsonAsync(type, cancellation))!;
            var refusal = await response.Content.ReadFromJsonAsync(ApiJson.Default.Problem, cancellation);
            throw new StoreException($"The server (process {address.ProcessId}) refused: {refusal?.Detail}");
        }
        catch (Exception error) when (error is HttpRequestException or JsonException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new StoreException($"The server (process {address.ProcessId}) does not answer: {error.Message} What it has stored is kept.", error);
        }
    }
}
