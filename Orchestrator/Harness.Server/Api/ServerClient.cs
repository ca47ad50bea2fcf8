using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Harness.Store.Views;

namespace Harness.Server.Api;

/// <summary>Speaks with a server: the one that runs on a data folder, or one that is named.</summary>
internal sealed class ServerClient : IDisposable
{
    private readonly HttpClient http;

    private ServerClient(Uri address, string token, string name, HttpMessageHandler handler)
    {
        Name = name;
        http = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>What it is called in messages.</summary>
    public string Name { get; }

    /// <summary>The server of a data folder; null when none runs there.</summary>
    public static ServerClient? Find(string folder)
    {
        // One that was killed could not remove its address.
        return AddressFile.Read(folder) is not { } address || Hosting.LiveProcess.IsGone(Environment.MachineName, address.ProcessId)
            ? null
            : new ServerClient(new Uri(address.Url), address.Token, FormattableString.Invariant($"the server (process {address.ProcessId})"), new HttpClientHandler());
    }

    /// <summary>A server that is named.</summary>
    /// <param name="authority">What its certificate has to come from; null for the authorities that this machine trusts.</param>
    public static ServerClient At(Uri address, string token, X509Certificate2? authority)
    {
        var handler = new SocketsHttpHandler();
        if (authority is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(authority);
        }

        return new ServerClient(address, token, $"the server at {address.GetLeftPart(UriPartial.Authority)}", handler);
    }

    public Task<SubmitReply> Submit(SubmitRequest request, CancellationToken cancellation) =>
        Ask(HttpMethod.Post, "api/experiments", JsonContent.Create(request, ApiJson.Default.SubmitRequest), ApiJson.Default.SubmitReply, cancellation);

    public Task<T> Get<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) => Ask(HttpMethod.Get, path, null, type, cancellation);

    /// <summary>All workers, page by page.</summary>
    public async Task<WorkersReply> Workers(CancellationToken cancellation)
    {
        var workers = new List<WorkerView>();
        string? after = null;
        do
        {
            var page = await Get($"api/workers{(after is null ? "" : "?after=" + Uri.EscapeDataString(after))}", ApiJson.Default.WorkersReply, cancellation);
            workers.AddRange(page.Workers);
            after = page.Cursor;
        }
        while (after is not null);

        return new WorkersReply(workers, null);
    }

    /// <returns>How many things were changed.</returns>
    public async Task<int> Change(HttpMethod method, string path, CancellationToken cancellation, PriorityRequest? priority = null) =>
        (await Ask(method, path, priority is null ? null : JsonContent.Create(priority, ApiJson.Default.PriorityRequest), ApiJson.Default.ChangeReply, cancellation)).Changed;

    /// <summary>A link that opens the dashboard in a browser, once.</summary>
    /// <param name="name">Whom it is for; null for nobody in particular.</param>
    public async Task<string> NewLink(string? name, CancellationToken cancellation) => (await Ask(HttpMethod.Post, name is null ? "api/links" : $"api/links?name={Uri.EscapeDataString(name)}", null, ApiJson.Default.LinkReply, cancellation)).Url;

    public void Dispose() => http.Dispose();

    private async Task<T> Ask<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = body };
            using var response = await http.SendAsync(request, cancellation);
            if (response.IsSuccessStatusCode) return (await response.Content.ReadFromJsonAsync(type, cancellation))!;
            var refusal = await response.Content.ReadFromJsonAsync(ApiJson.Default.Problem, cancellation);
            throw new ServerRefusalException(response.StatusCode, response.StatusCode is HttpStatusCode.BadRequest && refusal?.Diagnostics is not null
                ? refusal.Detail.TrimEnd()
                : $"{Name} refused: {refusal?.Detail}");
        }
        catch (Exception error) when (error is HttpRequestException or JsonException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            var why = error.InnerException is System.Security.Authentication.AuthenticationException tls ? tls.Message : error.Message;
            throw new ServerSilentException($"{Name} does not answer: {why} Its stored results are safe.", error);
        }
    }
}

/// <summary>A server cannot be reached, or what answers is none.</summary>
internal sealed class ServerSilentException(string message, Exception cause) : Exception(message, cause);

/// <summary>A server has said no; the message says why.</summary>
internal sealed class ServerRefusalException(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status => status;
}
