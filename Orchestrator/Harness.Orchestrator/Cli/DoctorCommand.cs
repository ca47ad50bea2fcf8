using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Views;
using Harness.Workers.Trainer;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness doctor</c>: is this machine ready, and if not, what is the cure?</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var data = SharedOptions.Data();
        var command = new Command("doctor", "Check this machine: system, .NET, libtorch, devices, trainer, database.") { data };
        command.SetAction((parsed, cancellation) => Examine(parsed.GetValue(data)!, cancellation));
        return command;
    }

    private static async Task<int> Examine(string data, CancellationToken cancellation)
    {
        var findings = new List<Finding>
        {
            new("harness", HarnessVersion.Text),
            new("system", string.Create(CultureInfo.InvariantCulture, $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1L << 30)} GiB")),
            new(".NET", RuntimeInformation.FrameworkDescription),
        };
        findings.AddRange(await Trainer(cancellation));
        findings.AddRange(Database(data));
        var width = findings.Max(finding => finding.What.Length);
        foreach (var finding in findings)
        {
            await Console.Out.WriteLineAsync($"{(finding.Cure is null ? "ok  " : "FAIL")}  {finding.What.PadRight(width)}  {finding.Result}");
            if (finding.Cure is not null) await Console.Out.WriteLineAsync($"      {new string(' ', width)}  cure: {finding.Cure}");
        }

        return findings.TrueForAll(finding => finding.Cure is null) ? ExitCode.Ok : ExitCode.Failures;
    }

    private static async Task<IReadOnlyList<Finding>> Trainer(CancellationToken cancellation)
    {
        try
        {
            var (path, environment, startUp) = await TrainerProbe.Run(TimeProvider.System, TimeSpan.FromSeconds(90), cancellation);
            return
            [
                new("trainer", string.Create(CultureInfo.InvariantCulture, $"ready after {startUp.TotalSeconds:0.0} s ({path})")),
                new("libtorch", $"{environment.Libtorch} from {environment.LibtorchSource}, TorchSharp {environment.TorchSharp}"),
                new("devices", string.Join(", ", environment.Devices)),
                .. environment.Cuda is { } cuda ? [new Finding("CUDA", cuda.ToString())] : Array.Empty<Finding>(),
                new("processor", environment.Processor),
                Subnormals(environment.FlushesSubnormals ?? false),
            ];
        }
        catch (InvalidOperationException error)
        {
            return
            [
                new("trainer", error.Message.ReplaceLineEndings("\n      "),
                    "build with 'dotnet build'; to use an installed libtorch 2.10 instead of the package, build with TorchBackend=external and set HARNESS_LIBTORCH to its folder (for PyTorch: site-packages/torch/lib)"),
            ];
        }
    }

    internal static Finding Subnormals(bool flushed) => flushed
        ? new("subnormals", "read as zero on every computing thread")
        : new("subnormals", "kept: this system offers no way to flush them",
            "train on Linux or Windows (x64, Arm64), or on macOS with Apple silicon; here long sequences can take 20 times as long, and last digits differ");

    private static IReadOnlyList<Finding> Database(string data)
    {
        var path = Path.GetFullPath(Path.Combine(data, "harness.db"));
        try
        {
            using var connection = ResultsDatabase.ConnectInMemory();
            var engine = new Finding("SQLite", connection.ServerVersion,
                ResultsDatabase.IsRecentEnough(connection) ? null : $"use the SQLite that comes with this program; {ResultsDatabase.OldestSqlite} is needed");
            if (!File.Exists(path)) return [engine, new("database", $"none yet at {path}")];
            using var existing = ResultsDatabase.ConnectForReading(data);
            var check = DataFolderCheck.Integrity(existing);
            var trials = TrialReader.Total(existing);
            return
            [
                engine,
                new("database", string.Create(CultureInfo.InvariantCulture, $"{path}: {trials} trials, check {check}"), check == "ok" ? null : "restore a copy with 'harness restore FILE', or move the file away and run again"),
            ];
        }
        catch (Exception error) when (error is StoreException or Microsoft.Data.Sqlite.SqliteException)
        {
            return [new("database", $"{path}: {error.Message}", "move the file away and run again, or name another folder with --data")];
        }
    }

    /// <param name="Cure">What to do about it; null when nothing is wrong.</param>
    internal sealed record Finding(string What, string Result, string? Cure = null);
}
