using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Data;

namespace Harness.Experiments.Starting;

/// <summary>Makes an experiment of a person's data: finds out what the files are, says so, and writes an experiment file that runs.</summary>
public static class ExperimentStart
{
    /// <summary>Formats that can be read, for people.</summary>
    public const string Formats = "CSV with any separator, Parquet, JSON lines, .ts and .arff of the time-series archives, and plain text";

    /// <param name="files">One file; or a training and a test file of one archive; or tables with the same columns, one series each.</param>
    /// <param name="target">The column that is asked for; null leaves the choice to us.</param>
    /// <param name="horizon">The rows ahead that are asked for, as <c>horizon</c> takes them; null for the next row.</param>
    /// <exception cref="StartRefusedException">Nothing can be made of the files.</exception>
    public static StartedExperiment Of(IReadOnlyList<SourceFile> files, string? target, string? horizon = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        var ordered = files.OrderBy(file => IsTest(file.Name)).ToList();
        if (ordered.Find(file => file.Content.Length > DataFile.LargestBytes) is { } large) throw TooLarge(large.Name, large.Content.Length);
        var read = ordered.ConvertAll(SourceReader.Read);
        var name = NameOf(ordered[0].Name);
        if (read.TrueForAll(source => source.Series is not null))
        {
            if (horizon is not null) throw new StartRefusedException($"{ordered[0].Name} holds whole series, each with one answer: --horizon is for rows to forecast.");
            if (read.Count > 2) throw new StartRefusedException("Of whole series one training and one test file are read, not more.");
            return WholeStart.Of(name, read[0].Series!, read.Count > 1 ? read[1].Series : null, ordered, target);
        }

        if (read.Count > 1) return TableStart.Of(name, ordered[0].Name, Joined(ordered, read), target, horizon);
        if (!read[0].IsProse) return TableStart.Of(name, ordered[0].Name, read[0], target, horizon);
        return horizon is null ? TextStart(name, ordered[0], read[0], target) : throw new StartRefusedException($"{ordered[0].Name} is text, of which the next character is asked for: --horizon is for rows to forecast.");
    }

    /// <summary>The refusal of a file that is too large, with the way out.</summary>
    public static StartRefusedException TooLarge(string name, long bytes) => TooLarge(name, bytes, SourceReader.IsTable(name));

    /// <param name="isTable">Whether it is a text whose lines can be cut.</param>
    internal static StartRefusedException TooLarge(string name, long bytes, bool isTable) => new(string.Create(CultureInfo.InvariantCulture,
        $"{name} has {bytes / 1048576.0:N0} MiB, and at most {DataFile.LargestBytes / (1024 * 1024)} MiB are read. {(isTable ? DataFile.WayOut(name) : "Keep fewer rows (the latest), fewer columns, or every n-th row.")}"));

    private static bool IsTest(string name) => Path.GetFileNameWithoutExtension(name).EndsWith("_TEST", StringComparison.OrdinalIgnoreCase);

    /// <summary>The file's name as the name of an experiment.</summary>
    private static string NameOf(string file)
    {
        var stem = Path.GetFileNameWithoutExtension(file);
        foreach (var end in new[] { "_TRAIN", "_TEST" })
            if (stem.EndsWith(end, StringComparison.OrdinalIgnoreCase)) stem = stem[..^end.Length];
        var name = string.Concat(stem.Normalize().Select(c => char.IsLetterOrDigit(c) && !char.IsSurrogate(c) || c is '.' or '-' or '_' or '+' ? c : '-')).Replace("..", ".", StringComparison.Ordinal).TrimStart('.', '-', '_', '+');
        return name.Length == 0 ? "own-data" : name.Length > NameType.LongestName ? name[..NameType.LongestName] : name;
    }

    /// <summary>Tables with the same columns, one below the other, with the file's name as the series.</summary>
    private static ReadSource Joined(List<SourceFile> files, List<ReadSource> read)
    {
        var tables = read.ConvertAll(source => source.Cut());
        var odd = tables.FindIndex(table => !table.Names.SequenceEqual(tables[0].Names, StringComparer.Ordinal));
        if (odd > 0) throw new StartRefusedException($"{files[odd].Name} has other columns than {files[0].Name}. Several files are read as one series each, so all need the same columns.");
        if (read.Exists(source => source.IsProse)) throw new StartRefusedException("Several texts cannot be one experiment. Name one of them, or put them into one file.");
        string[] names = ["file", .. tables[0].Names];
        var joined = new SourceTable(names, [.. tables.SelectMany((table, index) => table.Rows.Select(row => (string[])[Path.GetFileNameWithoutExtension(files[index].Name), .. row]))]);
        return new($"{files.Count} files with the same columns, one series each") { Text = joined.ToCsv(), IsConverted = true, Group = "file" };
    }

    private static StartedExperiment TextStart(string name, SourceFile file, ReadSource source, string? target)
    {
        if (target is not null) throw new StartRefusedException($"{file.Name} was taken for a text, which has no columns, so --target has no meaning.");
        var characters = source.Text.EnumerateRunes().Count();
        if (characters < 400) throw new StartRefusedException(string.Create(CultureInfo.InvariantCulture, $"{file.Name} was taken for a text and has {characters} characters. At least 400 are needed, and some 100,000 to learn anything."));
        var length = Math.Clamp(characters / 100, 4, 64);
        var yaml = new ExperimentText()
            .Comment($"Made by `harness new` from {file.Name}: {source.Kind}.").Comment("Each network reads passages of the text and predicts the next character at every step.").Line()
            .Line("version: 1").Line($"name: {ExperimentText.Quoted(name)}").Line("question: Which network predicts this text best, and does it beat counting characters?").Line()
            .Line("task:").Key("kind", "text").Key("file", ExperimentText.Quoted(file.Name))
            .Key("length", length.ToString(CultureInfo.InvariantCulture), "characters of a passage")
            .Key("vocabulary", "auto", "covers 99.5 % of the training part")
            .Key("split", "80/10/10", "training, validation, test, in this order");
        if (source.Encoding != DataText.Detect) yaml.Key("encoding", source.Encoding);
        yaml.Training(hidden: 64, steps: 1000, batch: 32, isText: true);
        return new(name, yaml.ToString(), file.Name, null, [$"{"file",-10}{source.Kind}", string.Create(CultureInfo.InvariantCulture, $"{"length",-10}{length} characters of a passage")]);
    }
}
