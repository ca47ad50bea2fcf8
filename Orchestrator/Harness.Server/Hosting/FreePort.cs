using System.Net;
using System.Net.Sockets;

namespace Harness.Server.Hosting;

/// <summary>Finds a port of an address that nobody listens on. Two silos can bind one port without an error, so a fixed one will not do.</summary>
internal static class FreePort
{
    public static int Find(IPAddress address)
    {
        using var probe = new TcpListener(address, 0);
        probe.ExclusiveAddressUse = true;
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
