using System.CommandLine;
using System.Globalization;
using Harness.Server.Hosting;
using Harness.Store;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness verify</c> and <c>harness upgrade</c>: is a data folder as it was written, and can this program use it?</summary>
internal static class VerifyCommand
{
    private const int Shown = 20;

    public static Command Create()
    {
        var data = SharedOptions.Data();
        var command = new Command("verify", "Compare everything in the data folder with its checksums; name all damage and the cure.") { data };
        command.SetAction((parsed, _) => Verify(parsed.GetValue(data)!));
        return command;
    }

    public static Command CreateUpgrade()
    {
        var data = SharedOptions.Data();
        var command = new Command("upgrade", "Upgrade the database of an older version; a copy of it is kept.") { data };
        command.SetAction(async (parsed, _) =>
        {
            var folder = parsed.GetValue(data)!;
            if (!File.Exists(Path.Combine(folder, "harness.db"))) throw new StoreException($"There is no database in '{folder}'. Name its folder with --data.");
            using var database = ResultsDatabase.Open(folder, TimeProvider.System);
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"database  {database.Path} (schema {Schema.Current})"));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<int> Verify(string folder)
    {
        var code = ExitCode.Ok;
        foreach (var part in DataFolderCheck.Of(folder))
        {
            var verdict = part.Damaged.Count == 0 ? "ok" : string.Create(CultureInfo.InvariantCulture, $"{part.Damaged.Count} damaged");
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{part.Name,-12} {part.Checked,9:N0} {(part.Name == "database" ? "pages" : ""),-6} {verdict}"));
            if (part.Damaged.Count == 0) continue;
            code = ExitCode.Failures;
            foreach (var line in part.Damaged.Take(Shown)) await Console.Out.WriteLineAsync($"  {Terminal.Printable(line)}");
            if (part.Damaged.Count > Shown) await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  and {part.Damaged.Count - Shown} more"));
            await Console.Out.WriteLineAsync($"  cure: {part.Cure}");
        }

        return code;
    }
}
