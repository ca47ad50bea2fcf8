using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Harness.Server.Hosting;
using Harness.Server.Hosting.Security;
using Harness.Store;
using StackExchange.Redis;

namespace Harness.Orchestrator.Cli;

/// <summary>The options by which <c>serve</c> and <c>worker</c> meet: on one machine by the data folder, on several by a Redis.</summary>
internal sealed class ClusterOptions
{
    public const string ClusterVariable = "HARNESS_CLUSTER";

    private readonly Option<string?> cluster = new("--cluster")
    {
        Description = $"The Redis where processes on several machines find each other: redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], rediss:// over TLS. Default: {ClusterVariable}, else the data folder.",
        HelpName = "URL",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(ClusterVariable) is { Length: > 0 } url ? url : null,
    };

    private readonly Option<string?> listen = new("--listen")
    {
        Description = "The address and port at which other machines reach this process. Default: 127.0.0.1 and a free port.", HelpName = "ADDRESS[:PORT]",
    };

    private readonly Option<string?> certificate = new("--certificate")
    {
        Description = "The certificate that 'harness cluster join' created for this machine. Default: cluster/node.pem in the data folder, if present.", HelpName = "FILE",
    };

    private readonly Option<bool> insecure = new("--insecure-lan") { Description = "Listen beyond this machine without certificates: anyone who reaches the port can do anything." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { cluster, listen, certificate, insecure }) command.Add(option);
    }

    /// <exception cref="UsageException">The options contradict each other, or would expose what they should not.</exception>
    public Cluster Resolve(ParseResult parsed, string folder)
    {
        var (url, where, file) = (parsed.GetValue(cluster), parsed.GetValue(listen), parsed.GetValue(certificate));
        if (url is null)
        {
            if (where is not null || file is not null || parsed.GetValue(insecure))
                throw new UsageException("--listen, --certificate and --insecure-lan are for several machines, which find each other by --cluster redis://HOST.");
            return Cluster.OnThisMachine(folder);
        }

        var redis = Redis(url);
        var (address, port) = where is null ? (IPAddress.Loopback, 0) : Endpoint(where);
        if (file is null && File.Exists(ClusterAuthority.OwnFile(folder))) file = ClusterAuthority.OwnFile(folder);
        var node = file is null ? null : NodeCertificate.Load(file, TimeProvider.System.GetUtcNow());
        if (!IPAddress.IsLoopback(address) && node is null && !parsed.GetValue(insecure))
        {
            throw new UsageException(
                $"--listen {where} is beyond this machine, and there is no certificate: anyone who reaches the port could do anything. Create certificates ('harness cluster init', 'harness cluster join NAME') and name this machine's with --certificate; --insecure-lan does without.");
        }

        if (node is not null && parsed.GetValue(insecure)) throw new UsageException("--insecure-lan goes without certificates, and there is one. Leave one of the two out.");
        if (node is not null) return Cluster.Over(redis, address, port, node);
        return parsed.GetValue(insecure) ? Cluster.OverWithoutProof(redis, address, port) : Cluster.OverWithSecret(redis, address, port, folder);
    }

    /// <exception cref="UsageException">It is no such address.</exception>
    public static ConfigurationOptions Redis(string url)
    {
        const string expected = "expected redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], or rediss:// over TLS";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw new UsageException($"--cluster: {expected}.");
        var database = 0;
        if (uri.AbsolutePath.Length > 1 && !int.TryParse(uri.AbsolutePath.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out database))
            throw new UsageException($"--cluster: the part after the last slash is Redis' database number; {expected}.");
        var options = new ConfigurationOptions
        {
            EndPoints = { { uri.DnsSafeHost, uri.Port < 0 ? 6379 : uri.Port } }, Ssl = uri.Scheme == "rediss", DefaultDatabase = database, ConnectTimeout = 5000,
            // It comes back by itself; meanwhile the members know each other.
            AbortOnConnectFail = false,
        };
        if (uri.UserInfo.Split(':', 2) is [var user, var password])
        {
            if (user.Length > 0) options.User = Uri.UnescapeDataString(user);
            options.Password = Uri.UnescapeDataString(password);
        }
        else if (uri.UserInfo.Length > 0)
        {
            throw new UsageException($"--cluster: a password is written :PASSWORD@; {expected}.");
        }

        return options;
    }

    /// <exception cref="UsageException">It is no address of one interface.</exception>
    public static (IPAddress Address, int Port) Endpoint(string text, string option = "--listen")
    {
        if (!IPEndPoint.TryParse(text, out var endpoint) || endpoint.Address.Equals(IPAddress.Any) || endpoint.Address.Equals(IPAddress.IPv6Any))
            throw new UsageException($"{option} {text}: expected the address of one interface of this machine, by which the others reach it, like 192.168.1.20 or 192.168.1.20:11111.");
        using var probe = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Not what a silo does by itself: two of them would share a port without an error.
            probe.ExclusiveAddressUse = true;
            probe.Bind(endpoint);
        }
        catch (SocketException error)
        {
            throw new UsageException($"{option} {text}: {error.Message}. It has to be a free port on an address of this machine.");
        }

        return (endpoint.Address, endpoint.Port);
    }
}
