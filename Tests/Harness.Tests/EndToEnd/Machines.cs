using System.Diagnostics;
using System.Globalization;

namespace Harness.Tests.EndToEnd;

/// <summary>Several machines as far as the network goes: network namespaces on one bridge, whose links can be cut. Needs root.</summary>
internal sealed class Machines : IDisposable
{
    private static int instances;

    // The kernel takes the links of a removed namespace away in its own time: no name is used twice.
    private readonly string bridge = string.Create(CultureInfo.InvariantCulture, $"hb{Environment.ProcessId % 100_000}{(char)('a' + (Interlocked.Increment(ref instances) % 26))}");
    private readonly List<string> names = [];

    public Machines(params string[] machines)
    {
        var isPossible = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Try("ip", "netns", "list");
        if (Environment.GetEnvironmentVariable("CI") != "true") Assert.SkipUnless(isPossible, "SKIPPED: network namespaces need Linux, root and iproute2.");
        isPossible.ShouldBeTrue("network namespaces need Linux, root and iproute2");
        Do("ip", "link", "add", bridge, "type", "bridge");
        Do("ip", "link", "set", bridge, "up");
        foreach (var machine in machines)
        {
            names.Add(machine);
            var name = Name(machine);
            Do("ip", "netns", "add", name);
            Do("ip", "link", "add", Link(machine), "type", "veth", "peer", "name", "eth0", "netns", name);
            Do("ip", "link", "set", Link(machine), "master", bridge, "up");
            Do("ip", "-n", name, "addr", "add", Address(machine) + "/24", "dev", "eth0");
            Do("ip", "-n", name, "link", "set", "eth0", "up");
            Do("ip", "-n", name, "link", "set", "lo", "up");
        }
    }

    public string Name(string machine) => $"{bridge}-{machine}";

    public string Address(string machine) => string.Create(CultureInfo.InvariantCulture, $"10.77.0.{names.IndexOf(machine) + 1}");

    /// <summary>Cuts a machine off from all others, or ends that.</summary>
    public void Cut(string machine, bool off) => Do("ip", "link", "set", Link(machine), off ? "down" : "up");

    /// <summary>Loses whatever one machine sends to another, without a word, while it still hears the other; or ends that.</summary>
    public void Mute(string from, string to, bool off)
    {
        // Sent to a network card that nobody has. A route into nowhere would tell the sender.
        if (off) Do("ip", "-n", Name(from), "neigh", "replace", Address(to), "lladdr", "02:00:00:00:00:00", "dev", "eth0", "nud", "permanent");
        else Do("ip", "-n", Name(from), "neigh", "del", Address(to), "dev", "eth0");
    }

    /// <summary>Cuts two machines off from each other and from nobody else, or ends that.</summary>
    public void Part(string one, string other, bool off)
    {
        Mute(one, other, off);
        Mute(other, one, off);
    }

    public void Dispose()
    {
        foreach (var machine in names) Try("ip", "netns", "del", Name(machine));
        Try("ip", "link", "del", bridge);
    }

    private string Link(string machine) => string.Create(CultureInfo.InvariantCulture, $"{bridge}v{names.IndexOf(machine)}");

    private static void Do(string program, params string[] arguments) => Try(program, arguments).ShouldBeTrue($"{program} {string.Join(' ', arguments)}");

    private static bool Try(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
