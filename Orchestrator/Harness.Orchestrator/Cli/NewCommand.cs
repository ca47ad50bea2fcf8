using System.CommandLine;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Experiments.Starting;
using Harness.Server.Hosting;
using Harness.Store;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness new FILE…</c>: make an experiment of a person's own data.</summary>
internal static class NewCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Your data: one file; a training and a test file of an archive; or several tables with the same columns, one series each.", Arity = ArgumentArity.OneOrMore };
        var target = new Option<string?>("--target") { Description = "The column to forecast or to classify. Default: chosen by name and content, with the reason.", HelpName = "COLUMN" };
        var horizon = new Option<string?>("--horizon") { Description = "The rows ahead to forecast: 1 for the next row, or a range such as 1..12 for each of the next 12 at once. Default: 1.", HelpName = "ROWS" };
        var output = new Option<string?>("--out") { Description = "The experiment file to write. Default: NAME.yaml beside the data.", HelpName = "FILE" };
        var command = new Command("new", "Make an experiment file of your own data, and say what the data were taken for.") { files, target, horizon, output };
        command.SetAction((parsed, _) => Start(parsed.GetValue(files)!, parsed.GetValue(target), parsed.GetValue(horizon), parsed.GetValue(output)));
        return command;
    }

    private static async Task<int> Start(string[] files, string? target, string? horizon, string? output)
    {
        StartedExperiment started;
        string[] paths;
        try
        {
            paths = [.. files.Length == 1 ? WithItsOther(files[0]) : files];
            started = ExperimentStart.Of([.. paths.Select(Read)], target, horizon);
        }
        catch (StartRefusedException refusal)
        {
            await Console.Error.WriteLineAsync($"error: {refusal.Message}");
            return ExitCode.Usage;
        }

        foreach (var note in started.Notes) await Console.Out.WriteLineAsync(note);
        var (yaml, data) = Write(started, paths[0], output);
        var reading = SpecReader.ReadFile(yaml, []);
        await SpecInput.Tell(reading, "The experiment file was written, but it cannot run as it is.");
        if (reading.Spec is null) return ExitCode.Usage;
        if (reading.Spec.Conditions[0].Data is { Card: { } card })
        {
            await Console.Out.WriteLineAsync();
            foreach (var line in DataCardText.Lines(card, "rows or characters")) await Console.Out.WriteLineAsync(line);
        }

        await Console.Out.WriteLineAsync();
        if (data is not null) await Console.Out.WriteLineAsync($"data      {data}");
        await Console.Out.WriteLineAsync($"wrote     {yaml}");
        await Console.Out.WriteLineAsync($"next      harness run {yaml}");
        return ExitCode.Ok;
    }

    /// <summary>With a training file of an archive its test file, and the other way round, where it lies beside it.</summary>
    private static IEnumerable<string> WithItsOther(string path)
    {
        var (stem, extension) = (Path.GetFileNameWithoutExtension(path), Path.GetExtension(path));
        foreach (var (end, other) in new[] { ("_TRAIN", "_TEST"), ("_TEST", "_TRAIN") })
        {
            if (!stem.EndsWith(end, StringComparison.Ordinal)) continue;
            var beside = Path.Combine(Path.GetDirectoryName(path) ?? "", stem[..^end.Length] + other + extension);
            if (File.Exists(beside)) return end == "_TRAIN" ? [path, beside] : [beside, path];
        }

        return [path];
    }

    private static SourceFile Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw new StartRefusedException($"{path}: there is no such file.");
            if (file.Length > DataFile.LargestBytes) throw ExperimentStart.TooLarge(path, file.Length);
            return new(file.Name, File.ReadAllBytes(path));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new StartRefusedException($"{path} cannot be read: {problem.Message}");
        }
    }

    /// <returns>The full paths of the experiment file, and of the data file where one was written.</returns>
    /// <exception cref="UsageException">There is something of that name already, or nothing can be written there.</exception>
    private static (string Yaml, string? Data) Write(StartedExperiment started, string source, string? output)
    {
        var from = Path.GetFullPath(source);
        var yaml = Path.GetFullPath(output ?? Path.Combine(Path.GetDirectoryName(from)!, started.Name + ".yaml"));
        var folder = Path.GetDirectoryName(yaml)!;
        var data = Path.Combine(folder, started.DataName);
        try
        {
            if (File.Exists(yaml)) throw new UsageException($"'{yaml}' exists already. --out names another file; or remove it first.");
            Directory.CreateDirectory(folder);
            // The experiment file reads data from its own folder.
            var content = started.Data ?? (string.Equals(data, from, StringComparison.Ordinal) ? null : File.ReadAllBytes(from));
            if (content is not null)
            {
                if (File.Exists(data) && !File.ReadAllBytes(data).AsSpan().SequenceEqual(content)) throw new UsageException($"'{data}', the data file to write, exists already with other content. --out names another folder; or remove it first.");
                File.WriteAllBytes(data, content);
            }

            File.WriteAllText(yaml, started.Yaml);
            return (yaml, content is null ? null : data);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"'{yaml}' cannot be written: {problem.Message.TrimEnd('.')}. --out names another place.");
        }
    }
}
