using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Harness.Tests.EndToEnd;

/// <summary>The real program as a person starts it: a process of its own, its output kept.</summary>
internal sealed partial class HarnessProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();
    private bool disposed;

    private HarnessProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public string Output => Read(output);

    public string Errors => Read(errors);

    public static string Program
    {
        get
        {
            var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(Repository.Root, "artifacts", "bin", "Harness.Orchestrator", configuration, "harness.dll");
        }
    }

    public static HarnessProcess Start(params string[] arguments) => StartWith(null, null, arguments);

    /// <summary>Starts it with one environment variable of its own.</summary>
    public static HarnessProcess StartWith(string? variable, string? value, params string[] arguments) => Start("dotnet", [Program, .. arguments], variable, value);

    /// <summary>Starts it on a machine of its own, as far as the network goes: in a network namespace.</summary>
    public static HarnessProcess StartOn(string machine, params string[] arguments) => Start("ip", ["netns", "exec", machine, "dotnet", Program, .. arguments], null, null);

    /// <summary>Starts it where a folder is mounted read-only. Needs root.</summary>
    public static HarnessProcess StartReadOnly(string folder, params string[] arguments) =>
        Start("unshare", ["-m", "sh", "-c", "mount -o bind,ro \"$0\" \"$0\" && exec dotnet \"$@\"", folder, Program, .. arguments], null, null);

    private static HarnessProcess Start(string program, string[] arguments, string? variable, string? value)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Repository.Root,
        };
        // It is for the tests' own process only, see TorchTests.
        start.Environment.Remove("DOTNET_GCgen0size");
        if (variable is not null) start.Environment[variable] = value;
        return new HarnessProcess(Process.Start(start)!);
    }

    /// <summary>Runs to the end; the time limit is a safety net, nothing is measured.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> Run(params string[] arguments)
    {
        await using var process = Start(arguments);
        var code = await process.Exit();
        return (code, process.Output, process.Errors);
    }

    public async Task<int> Exit()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(5));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"The process did not end. Its error output:\n{Errors}", late);
        }

        return process.ExitCode;
    }

    public void Signal(int signal) => Kill(process.Id, signal).ShouldBe(0);

    /// <summary>Sends a signal to some process; one that has ended meanwhile is no mistake.</summary>
    public static void Signal(int process, int signal) => _ = Kill(process, signal);

    /// <summary>Sends a signal to every trainer child; returns how many there were.</summary>
    public int SignalTrainers(int signal)
    {
        var trainers = Children();
        foreach (var trainer in trainers) _ = Kill(trainer, signal);
        return trainers.Count;
    }

    /// <summary>The trainers this process has started, from the system's own table.</summary>
    public IReadOnlyList<int> Children() => ChildrenOf(process.Id);

    public static IReadOnlyList<int> ChildrenOf(int parent)
    {
        var children = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                // pid (comm) state ppid …; the name may hold spaces, so count from its closing bracket.
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[1] == parent.ToString(CultureInfo.InvariantCulture) && fields[0] != "Z") children.Add(id);
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }

        return children;
    }

    public async ValueTask DisposeAsync()
    {
        if (disposed) return;
        disposed = true;
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.AppendLine(line);
    }

    private static string Read(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
