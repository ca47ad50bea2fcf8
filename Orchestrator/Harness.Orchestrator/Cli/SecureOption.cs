using System.CommandLine;
using System.Net;
using Harness.Server;
using Harness.Server.Hosting.Security;
using Harness.Store;

namespace Harness.Orchestrator.Cli;

/// <summary><c>--https</c>: dashboard and HTTP interface for other machines, over TLS or not at all.</summary>
internal static class SecureOption
{
    public static Option<string?> Create() => new("--https")
    {
        Description = "Also offer dashboard and API to other machines over TLS, on this address. 'harness cluster init' creates the certificate authority.", HelpName = "ADDRESS[:PORT]",
    };

    /// <exception cref="UsageException">The address is not one of this machine, or there is no authority to vouch for it.</exception>
    public static SecureEndpoint? Resolve(string? text, string folder, DateTimeOffset now)
    {
        if (text is null) return null;
        var (address, port) = ClusterOptions.Endpoint(text, "--https");
        if (!File.Exists(ClusterAuthority.CertificateFile(folder)))
            throw new UsageException($"--https {text}: other machines need TLS, and '{folder}' has no certificate authority. Create one first: harness cluster init --data {folder}");
        IReadOnlyList<string> names = [address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString(), Dns.GetHostName()];
        var pem = ClusterAuthority.Open(folder).Issue("harness", now, [address.ToString(), Dns.GetHostName()]);
        return new SecureEndpoint(address, port, NodeCertificate.WithKey(pem), names);
    }
}
