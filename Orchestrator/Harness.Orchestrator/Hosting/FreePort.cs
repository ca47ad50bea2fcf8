using System.Net;
using System.Net.Sockets;

namespace Harness.Orchestrator.Hosting;

/// <summary>Finds a loopback port that nobody listens on. Two silos can bind one port without an error, so a fixed one will not do.</summary>
internal static class FreePort
{
    public static int Find()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.ExclusiveAddressUse = true;
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
