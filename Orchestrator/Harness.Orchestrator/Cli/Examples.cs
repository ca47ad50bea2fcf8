using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Harness.Orchestrator.Cli;

/// <summary>Help begins with examples.</summary>
internal static class Examples
{
    /// <summary>By command as it is called, each with what it does. A test holds them to the commands there are.</summary>
    public static IReadOnlyDictionary<string, (string Line, string Does)[]> Of { get; } = new Dictionary<string, (string, string)[]>(StringComparer.Ordinal)
    {
        [""] =
        [
            ("harness run Experiments/catalog/quickstart.yaml", "train, record, report"), ("harness plan my.yaml", "what would be run, without running it"),
            ("harness validate my.yaml", "check a file"), ("harness serve --slots 2", "a server with a dashboard"), ("harness doctor", "is this machine ready?"),
        ],
        ["run"] = [("harness run my.yaml", "train what is new, write the report"), ("harness run my.yaml --set train.steps=200 --slots 2", "with a change, for once")],
        ["plan"] = [("harness plan my.yaml", "conditions, parameters, trials to do"), ("harness plan my.yaml -o json", "for programs")],
        ["validate"] = [("harness validate my.yaml", "every mistake with its place"), ("harness validate --explain HRN012", "what a code means")],
        ["report"] = [("harness report quickstart --open", "write it again and show it")],
        ["compare"] = [("harness compare first second", "finished experiments side by side")],
        ["export"] = [("harness export quickstart --as csv", "a row per trial, a row per point")],
        ["export-weights"] = [("harness export-weights 3f2a91", "a trained network for PyTorch")],
        ["serve"] = [("harness serve --slots 2", "orchestrator, dashboard and two slots"), ("harness serve --https 10.0.0.1", "reached from other machines, too")],
        ["worker"] = [("harness worker --slots 2", "train for the server of this data folder")],
        ["submit"] = [("harness submit my.yaml --watch", "hand it in and follow it"), ("harness submit my.yaml --paused", "hand it in, start it later")],
        ["watch"] = [("harness watch quickstart", "bars until it is done"), ("harness watch 3 -o ndjson", "a line for each thing that happens")],
        ["list"] = [("harness list", "the latest first"), ("harness list -o ndjson", "one per line, for programs")],
        ["show"] = [("harness show quickstart", "by condition; what runs, why the rest waits")],
        ["queue"] = [("harness queue", "what waits and why")],
        ["log"] = [("harness log 17", "what the trainer of its last failed attempt wrote")],
        ["workers"] = [("harness workers", "who is there"), ("harness workers drain node-3", "start nothing more on it")],
        ["workers drain"] = [("harness workers drain node-3", "before its machine is taken away")],
        ["workers undrain"] = [("harness workers undrain node-3", "and back again")],
        ["priority"] = [("harness priority quickstart 10", "before all with less")],
        ["delete"] = [("harness delete quickstart", "asks first"), ("harness delete 3 --yes", "does not")],
        ["dashboard"] = [("harness dashboard", "a link that opens it, once")],
        ["cluster"] = [("harness cluster init", "once, on the server's machine"), ("harness cluster join gpu1", "for each further machine")],
        ["cluster init"] = [("harness cluster init", "once, on the server's machine")],
        ["cluster join"] = [("harness cluster join gpu1", "writes gpu1.pem")],
        ["backup"] = [("harness backup", "a checked copy of the database")],
        ["restore"] = [("harness restore backups/copy.db", "put a copy in its place")],
        ["verify"] = [("harness verify", "is everything as it was written?")],
        ["upgrade"] = [("harness upgrade --data old", "read and continue what an older harness wrote")],
        ["schema"] = [("harness schema", "for editors")],
        ["doctor"] = [("harness doctor", "and the cure for what is wrong")],
        ["completion"] = [("harness completion bash", "source <(./harness completion bash)")],
        ["pause"] = [("harness pause quickstart", "what runs may end")],
        ["resume"] = [("harness resume quickstart", "go on")],
        ["cancel"] = [("harness cancel quickstart", "results stay")],
        ["retry"] = [("harness retry quickstart", "what failed or was cancelled")],
    };

    /// <summary>Has help write them before everything else.</summary>
    public static void ShowFirst(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
            if (option.Action is SynchronousCommandLineAction help) option.Action = new ExamplesFirst(help);
    }

    /// <summary>A command as it is called, without the program's name.</summary>
    public static string NameOf(Command command) => string.Join(' ', Path(command).Reverse());

    private static IEnumerable<string> Path(Command command)
    {
        for (var at = command; at is not null and not RootCommand; at = at.Parents.OfType<Command>().FirstOrDefault()) yield return at.Name;
    }

    private sealed class ExamplesFirst(SynchronousCommandLineAction help) : SynchronousCommandLineAction
    {
        /// <summary>Who asks for help need not have the rest right.</summary>
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            if (Of.TryGetValue(NameOf(parseResult.CommandResult.Command), out var examples))
            {
                var width = examples.Max(example => example.Line.Length);
                Console.Out.WriteLine("Examples:");
                foreach (var (line, does) in examples) Console.Out.WriteLine($"  {line.PadRight(width)}    {does}");
                Console.Out.WriteLine();
            }

            return help.Invoke(parseResult);
        }
    }
}
