using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Harness.Server.Api;
using Harness.Store;

namespace Harness.Orchestrator.Cli;

/// <summary>The options by which a command finds its server: that of a data folder on this machine, or one that is named.</summary>
internal sealed class ServerOptions
{
    public const string ServerVariable = "HARNESS_SERVER", TokenVariable = "HARNESS_TOKEN";

    private readonly Option<string?> server = new("--server")
    {
        Description = $"A running server, as http://127.0.0.1:PORT or https://HOST:PORT. Default: {ServerVariable}, else the server of the data folder.", HelpName = "URL",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } url ? url : null,
    };

    private readonly Option<string?> token = new("--token-file") { Description = $"File with the token for the server of --server. Default: the variable {TokenVariable}.", HelpName = "FILE" };

    private readonly Option<string?> authority = new("--ca") { Description = "The authority that signed that server's certificate: cluster/ca.pem of its data folder. Default: the authorities of this machine.", HelpName = "FILE" };

    private readonly Option<string> data = SharedOptions.Data();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { server, token, authority, data }) command.Add(option);
    }

    public string Data(ParseResult parsed) => parsed.GetValue(data)!;

    /// <summary>Whether a server is named, rather than a folder.</summary>
    public bool IsNamed(ParseResult parsed) => parsed.GetValue(server) is not null;

    /// <summary>The server that is meant; null when none is named and none runs on the data folder.</summary>
    /// <exception cref="UsageException">The address or the token is missing or cannot be used.</exception>
    public ServerClient? Find(ParseResult parsed)
    {
        if (parsed.GetValue(server) is not { } url) return ServerClient.Find(Data(parsed));
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.PathAndQuery != "/")
            throw new UsageException($"--server {url}: expected http://127.0.0.1:PORT or https://HOST:PORT.");
        if (address.Scheme == "http" && !address.IsLoopback) throw new UsageException($"--server {url}: a token is not sent in the clear to another machine. Use https://; 'harness serve --https ADDRESS' offers it.");
        return ServerClient.At(address, Token(parsed), Authority(parsed));
    }

    /// <summary>For commands that ask a server for long: that of a folder may be another process later, at another address.</summary>
    public WatchedServer Watched(ParseResult parsed, ServerClient server) => new(server, () => IsNamed(parsed) ? null : ServerClient.Find(Data(parsed)), TimeProvider.System);

    /// <exception cref="UsageException">See <see cref="Find"/>.</exception>
    public async Task<ServerClient?> Require(ParseResult parsed)
    {
        if (Find(parsed) is { } found) return found;
        await Console.Error.WriteLineAsync($"error: no server runs on '{Data(parsed)}'. 'harness serve' starts one; --server names one elsewhere.");
        return null;
    }

    private string Token(ParseResult parsed)
    {
        try
        {
            var text = (parsed.GetValue(token) is { } file ? File.ReadAllText(file) : Environment.GetEnvironmentVariable(TokenVariable) ?? "").Trim();
            return text.Length > 0 && text.All(char.IsAsciiLetterOrDigit) ? text
                : throw new UsageException($"The server of --server needs a token: set {TokenVariable} or --token-file; server.json in the server's data folder holds it.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--token-file: {error.Message}");
        }
    }

    private X509Certificate2? Authority(ParseResult parsed)
    {
        if (parsed.GetValue(authority) is not { } file) return null;
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(file);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--ca {file}: {error.Message}");
        }
    }
}
