using System.Net;
using Harness.Server.Hosting.Security;
using StackExchange.Redis;

namespace Harness.Server.Hosting;

/// <summary>How a process meets the others of its cluster: where the members are listed, where it listens, and how they know each other.</summary>
internal sealed record Cluster
{
    private Cluster()
    {
    }

    /// <summary>The membership file of processes that share a data folder on one machine.</summary>
    public string? File { get; private init; }

    /// <summary>The Redis that lists the members, when they are on several machines.</summary>
    public ConfigurationOptions? Redis { get; private init; }

    /// <summary>Where other processes of the cluster reach this one.</summary>
    public IPAddress Address { get; private init; } = IPAddress.Loopback;

    /// <summary>0 takes a free one.</summary>
    public int Port { get; private init; }

    /// <summary>What this process shows and asks for; null when the processes know each other by a secret, or not at all.</summary>
    public NodeCertificate? Certificate { get; private init; }

    /// <summary>The data folder whose secret the processes of the cluster share; null when they show certificates or prove nothing.</summary>
    public string? SecretFolder { get; private init; }

    /// <summary>Processes of this machine that share a data folder.</summary>
    public static Cluster OnThisMachine(string folder) => new() { File = Path.GetFullPath(Path.Combine(folder, "cluster.db")), SecretFolder = folder };

    /// <summary>Processes that each show a certificate.</summary>
    public static Cluster Over(ConfigurationOptions redis, IPAddress address, int port, NodeCertificate certificate) =>
        new() { Redis = redis, Address = address, Port = port, Certificate = certificate };

    /// <summary>Processes of this machine that share a data folder and find each other over Redis.</summary>
    public static Cluster OverWithSecret(ConfigurationOptions redis, IPAddress address, int port, string folder) =>
        new() { Redis = redis, Address = address, Port = port, SecretFolder = folder };

    /// <summary>Processes that believe everybody who reaches their port.</summary>
    public static Cluster OverWithoutProof(ConfigurationOptions redis, IPAddress address, int port) => new() { Redis = redis, Address = address, Port = port };

    /// <summary>Asks for an answer before a silo is built, whose own message would not say what to do.</summary>
    /// <exception cref="ClusterException">Redis does not answer, or refuses.</exception>
    public async Task Reach()
    {
        if (Redis is null) return;
        var name = string.Join(", ", Redis.EndPoints.Select(Text));
        try
        {
            var probe = Redis.Clone();
            probe.AbortOnConnectFail = true;
            await using var connection = await ConnectionMultiplexer.ConnectAsync(probe);
            await connection.GetDatabase().PingAsync();
        }
        catch (RedisException error)
        {
            throw new ClusterException($"The cluster's Redis at {name} does not answer: {FirstLine(error.Message)} Check that it runs, the network, and the password.", error);
        }
    }

    private static string Text(EndPoint endPoint) => endPoint is DnsEndPoint dns ? FormattableString.Invariant($"{dns.Host}:{dns.Port}") : endPoint.ToString()!;

    private static string FirstLine(string message) => message.Split('\n')[0].Trim();
}

/// <summary>The cluster cannot be joined now; the message says why and what to look at.</summary>
internal sealed class ClusterException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The cluster does not accept this process, or the other way round; trying again does not help. The message says what to do.</summary>
internal sealed class ClusterRefusalException(string message) : Exception(message);
