using System.CommandLine;
using Harness.Server.Hosting;
using Harness.Store;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness backup</c> and <c>harness restore FILE</c>.</summary>
internal static class BackupCommands
{
    public static Command CreateBackup()
    {
        var data = SharedOptions.Data();
        var output = new Option<string?>("--out") { Description = "Where the copy goes. Default: backups/harness-TIME.db in the data folder.", HelpName = "FILE" };
        var command = new Command("backup", "Copy the database, also while it is in use, and check the copy.") { data, output };
        command.SetAction(async (parsed, _) =>
        {
            var path = DatabaseBackup.Write(parsed.GetValue(data)!, parsed.GetValue(output), TimeProvider.System);
            await Console.Out.WriteLineAsync($"backup    {path}");
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateRestore()
    {
        var file = new Argument<string>("file") { Description = "A copy that 'harness backup' wrote." };
        var data = SharedOptions.Data();
        var command = new Command("restore", "Replace the database with a copy; the old database is kept under another name.") { file, data };
        command.SetAction(async (parsed, _) =>
        {
            var replaced = DatabaseBackup.Restore(parsed.GetValue(file)!, parsed.GetValue(data)!, TimeProvider.System);
            await Console.Out.WriteLineAsync($"database  {Path.GetFullPath(Path.Combine(parsed.GetValue(data)!, "harness.db"))}");
            if (replaced is not null) await Console.Out.WriteLineAsync($"before    {replaced}");
            return ExitCode.Ok;
        });
        return command;
    }
}
