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
            ("harness run Experiments/catalog/quickstart.yaml", "train, record, report"), ("harness plan my.yaml", "its trials; nothing runs"),
            ("harness validate my.yaml", "check a file"), ("harness serve --slots 2", "a server with a dashboard"), ("harness doctor", "is this machine ready?"),
        ],
        ["new"] = [("harness new my.csv", "an experiment file of your data"), ("harness new my.csv --target price --out first.yaml", "with another target and name")],
        ["run"] = [("harness run my.yaml", "train new trials, write the report"), ("harness run my.yaml --set train.steps=200 --slots 2", "with a changed setting")],
        ["plan"] = [("harness plan my.yaml", "conditions, parameters, trials to do"), ("harness plan my.yaml -o json", "for programs")],
        ["validate"] = [("harness validate my.yaml", "every mistake with its place"), ("harness validate --explain HRN012", "what a code means")],
        ["report"] = [("harness report quickstart --open", "write the report again and open it")],
        ["compare"] = [("harness compare first second", "compare finished experiments")],
        ["figures"] = [("harness figures quickstart --as pdf --width 84mm", "all figures, one column wide"), ("harness figures quickstart --figure loss --as csv", "the numbers of one")],
        ["export"] = [("harness export quickstart --as csv", "a row per trial, a row per point"), ("harness export quickstart --as paper", "figures, tables, methods, references")],
        ["export-weights"] = [("harness export-weights 3f2a91", "a trained network for PyTorch")],
        ["export-model"] = [("harness export-model quickstart/lstm --out lstm", "ONNX graph, weights, scaling, card"), ("harness export-model 3f2a91 --as state-dict", "for torch.load")],
        ["predict"] = [("harness predict lstm new.csv --out next.csv", "a prediction for every window")],
        ["evaluate"] = [("harness evaluate lstm new.csv", "loss, error in the column's unit, baseline")],
        ["serve"] = [("harness serve --slots 2", "server, dashboard and two slots"), ("harness serve --https 10.0.0.1", "reachable from other machines, too")],
        ["worker"] = [("harness worker --slots 2", "train for the server of this data folder")],
        ["submit"] = [("harness submit my.yaml --watch", "submit it and follow it"), ("harness submit my.yaml --paused", "submit it, start it later")],
        ["watch"] = [("harness watch quickstart", "bars until it is done"), ("harness watch 3 -o ndjson", "one line per event")],
        ["list"] = [("harness list", "the latest first"), ("harness list -o ndjson", "one per line, for programs")],
        ["show"] = [("harness show quickstart", "by condition; running trials, why the rest wait")],
        ["queue"] = [("harness queue", "the waiting trials and why")],
        ["log"] = [("harness log 17", "attempts, losses, trainer output"), ("harness log 17 --follow", "until it ends")],
        ["workers"] = [("harness workers", "all workers"), ("harness workers drain node-3", "start nothing more on it")],
        ["workers drain"] = [("harness workers drain node-3", "before you switch its machine off")],
        ["workers undrain"] = [("harness workers undrain node-3", "take trials again")],
        ["priority"] = [("harness priority quickstart 10", "before all lower priorities")],
        ["delete"] = [("harness delete quickstart", "asks first"), ("harness delete 3 --yes", "does not")],
        ["dashboard"] = [("harness dashboard", "a one-time link"), ("harness dashboard --for anna", "events then say what Anna did")],
        ["cluster"] = [("harness cluster init", "once, on the server's machine"), ("harness cluster join gpu1", "for each other machine")],
        ["cluster init"] = [("harness cluster init", "once, on the server's machine")],
        ["cluster join"] = [("harness cluster join gpu1", "writes gpu1.pem")],
        ["backup"] = [("harness backup", "a checked copy of the database")],
        ["restore"] = [("harness restore backups/copy.db", "replace the database with a copy")],
        ["verify"] = [("harness verify", "compare with checksums")],
        ["upgrade"] = [("harness upgrade --data old", "upgrade the database of an older version")],
        ["schema"] = [("harness schema", "for editors")],
        ["doctor"] = [("harness doctor", "and the cure for every problem")],
        ["completion"] = [("harness completion bash", "source <(./harness completion bash)"), ("harness completion fish", "./harness completion fish | source")],
        ["pause"] = [("harness pause quickstart", "running trials finish")],
        ["resume"] = [("harness resume quickstart", "continue it")],
        ["cancel"] = [("harness cancel quickstart", "results stay")],
        ["retry"] = [("harness retry quickstart", "failed and cancelled trials")],
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

            if (parseResult.CommandResult.Command is not RootCommand root) return help.Invoke(parseResult);
            CommandGroups.Write(root, Console.Out);
            return 0;
        }
    }
}
