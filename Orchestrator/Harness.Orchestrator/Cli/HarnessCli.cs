using System.CommandLine;
using Harness.Server.Api;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Workers;

namespace Harness.Orchestrator.Cli;

/// <summary>The command line. Results go to standard output, talk to standard error.</summary>
internal static class HarnessCli
{
    public static RootCommand Root()
    {
        var root = new RootCommand(
            "Compares recurrent networks with evidence: one file in, one report out.")
        {
            NewCommand.Create(),
            RunCommand.Create(),
            PlanCommand.Create(),
            ValidateCommand.Create(),
            ReportCommand.Create(),
            CompareCommand.Create(),
            FiguresCommand.Create(),
            ExportCommand.Create(),
            ExportWeightsCommand.Create(),
            ExportModelCommand.Create(),
            ModelCommands.CreatePredict(),
            ModelCommands.CreateEvaluate(),
            ServeCommand.Create(),
            WorkerCommand.Create(),
            SubmitCommand.Create(),
            WatchCommand.Create(),
            LookCommands.CreateList(),
            LookCommands.CreateShow(),
            LookCommands.CreateQueue(),
            LogCommand.Create(),
            WorkersCommand.Create(),
            PriorityCommand.Create(),
            DeleteCommand.Create(),
            DashboardCommand.Create(),
            ClusterCommand.Create(),
            BackupCommands.CreateBackup(),
            BackupCommands.CreateRestore(),
            VerifyCommand.Create(),
            VerifyCommand.CreateUpgrade(),
            SchemaCommand.Create(),
            DoctorCommand.Create(),
            CompletionCommand.Create(),
        };
        foreach (var change in ChangeCommands.Create()) root.Add(change);
        Examples.ShowFirst(root);
        return root;
    }

    public static async Task<int> Run(string[] args)
    {
        try
        {
            // A word that begins with @ is a word, not the name of a file with further words.
            var parsed = Root().Parse(args.Length == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            // One mistyped word makes the parser miss others: the first thing that is wrong is the word.
            string[] errors = parsed.Errors.Count > 0 && MistypedWord.In(parsed) is { } mistyped ? [mistyped] : [.. parsed.Errors.Select(error => error.Message), .. EmptyValues(parsed.CommandResult)];
            if (errors.Length > 0)
            {
                foreach (var error in errors) await Console.Error.WriteLineAsync($"error: {error}");
                await Console.Error.WriteLineAsync($"See: harness {CommandPath(parsed)}--help");
                return ExitCode.Usage;
            }

            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (OutputException error)
        {
            return Unwritable(error);
        }
        catch (UsageException error)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}");
            return ExitCode.Usage;
        }
        catch (ServerRefusalException error)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}");
            return error.Status switch
            {
                System.Net.HttpStatusCode.Unauthorized or System.Net.HttpStatusCode.Forbidden => ExitCode.Forbidden,
                System.Net.HttpStatusCode.NotFound => ExitCode.NotFound,
                System.Net.HttpStatusCode.Conflict => ExitCode.Failures,
                >= System.Net.HttpStatusCode.BadRequest and < System.Net.HttpStatusCode.InternalServerError => ExitCode.Usage,
                _ => ExitCode.Unavailable,
            };
        }
        catch (ClusterRefusalException error)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}");
            return ExitCode.Forbidden;
        }
        catch (ClusterException error)
        {
            // The cluster may come back: restarting this process tries again.
            await Console.Error.WriteLineAsync($"error: {error.Message}");
            return ExitCode.StartAgain;
        }
        catch (Microsoft.Data.Sqlite.SqliteException error) when (ResultsDatabase.IsDamage(error))
        {
            // Met while reading what opened well.
            await Console.Error.WriteLineAsync($"error: {ResultsDatabase.Damaged("harness.db", error).Message}");
            return ExitCode.Unavailable;
        }
        catch (Exception error) when (error is StoreException or ServerSilentException or TrainerUnavailableException)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}");
            return ExitCode.Unavailable;
        }
        catch (Exception error)
        {
            await Console.Error.WriteLineAsync($"error: this is a bug in the program, please report it with the lines below.\n{error}");
            return ExitCode.Bug;
        }
    }

    /// <summary>No option or argument means anything by an empty value, which a shell writes for a variable that is not set.</summary>
    private static IEnumerable<string> EmptyValues(System.CommandLine.Parsing.CommandResult command) => command.Children
        .Where(child => child.Tokens.Any(token => token.Value.Length == 0))
        .Select(child => child switch
        {
            System.CommandLine.Parsing.OptionResult option => $"{option.Option.Name}: expected a value, got an empty one.",
            System.CommandLine.Parsing.ArgumentResult argument => $"{argument.Argument.Name}: expected a value, got an empty one.",
            _ => "expected a value, got an empty one.",
        });

    private static int Unwritable(OutputException error)
    {
        try
        {
            Terminal.RawError.WriteLine($"error: {error.Message}");
        }
        catch (IOException)
        {
            // There is no output left; only the exit code reports it.
        }

        return ExitCode.Usage;
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result.Command is not RootCommand; result = (System.CommandLine.Parsing.CommandResult)result.Parent!)
            names.Push(result.Command.Name);
        return string.Concat(names.Select(name => name + " "));
    }
}
