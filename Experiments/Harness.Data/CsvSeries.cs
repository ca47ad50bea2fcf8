using System.Globalization;
using Harness.Abstractions.Diagnostics;

namespace Harness.Data;

/// <summary>An input of the network: numbers to standardise, or 0 and 1 to leave as they are.</summary>
/// <param name="Column">The column of the file that it comes from.</param>
/// <param name="Word">The word that it stands for; null for numbers and for the flag of missing values.</param>
/// <param name="IsFlag">Whether its values are 0 and 1.</param>
/// <param name="Values">One per row; NaN where nothing stands in for a missing value.</param>
public sealed record CsvInput(string Column, string? Word, bool IsFlag, double[] Values);

/// <summary>Consecutive rows that belong to one series.</summary>
public readonly record struct RowGroup(string Name, int Start, int End)
{
    public int Count => End - Start;
}

/// <summary>Which part of the data a row belongs to.</summary>
public enum RowPart : byte
{
    Train,
    Validation,
    Test,

    /// <summary>After the end of the fold that is read.</summary>
    Later,
}

/// <summary>The wanted columns of a CSV file as numbers: series by series, in order of time, with gaps filled as asked.</summary>
public sealed class CsvSeries
{
    public const int MostClasses = CsvTable.MostClasses;

    /// <summary>Words of a categorical column; more would be a column of names.</summary>
    private const int MostCategories = 200;

    private readonly CsvTable table;
    private readonly CsvSelection selection;
    private RowOrder? order;

    private CsvSeries(CsvTable table, CsvSelection selection) => (this.table, this.selection) = (table, selection);

    public CsvSelection Selection => selection;

    /// <summary>The word of the separator that was used.</summary>
    public string Separator => table.Separator;

    /// <summary>The names of the chosen columns, in order.</summary>
    public IReadOnlyList<string> Columns => table.Inputs;

    public int Rows { get; private set; }

    /// <summary>The inputs, in the order of their columns; the flags of missing values last.</summary>
    public IReadOnlyList<CsvInput> Inputs { get; private set; } = [];

    /// <summary>The target's values, one per row; for classes their numbers in order of first appearance in the file; NaN for a missing one.</summary>
    public IReadOnlyList<double> Target { get; private set; } = [];

    /// <summary>The classes in order of first appearance; empty for numbers.</summary>
    public IReadOnlyList<string> Classes { get; private set; } = [];

    /// <summary>The series, at least one.</summary>
    public IReadOnlyList<RowGroup> Groups { get; private set; } = [];

    /// <summary>The part of each row.</summary>
    public RowPart[] Parts { get; private set; } = [];

    /// <summary>Whether a row lies in a gap that was filled from values after it, in any input; null where none does.</summary>
    public bool[]? FilledFromLater { get; private set; }

    /// <summary>Seconds or plain numbers, one per row; null without a time column.</summary>
    public double[]? Times { get; private set; }

    /// <summary>Whether <see cref="Times"/> are dates.</summary>
    public bool IsCalendar => table.Times?.IsCalendar == true;

    /// <summary>Whether rows had to be put in order of time.</summary>
    public bool WasSorted { get; private set; }

    /// <summary>Missing values among inputs and target, each once.</summary>
    public long MissingCells { get; private set; }

    /// <summary>The beginning of the file, as far as its card looks at columns that are not read.</summary>
    public DecodedText Head { get; private set; } = DecodedText.Of("");

    /// <summary>The row of the file, counted from 0 without the header, that is a row of these series.</summary>
    public int SourceOf(int row) => order!.Source(row);

    /// <summary>Reads a file; null, and problems, when it cannot be used.</summary>
    /// <param name="name">What messages call the file.</param>
    public static CsvSeries? Read(ReadOnlyMemory<byte> bytes, string name, CsvSelection selection, IList<DataProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(selection);
        ArgumentNullException.ThrowIfNull(problems);
        if (DataText.Open(bytes, name, problems, selection.Encoding) is not { } text) return null;
        var table = new CsvTable(name, selection, problems);
        if (!table.Read(text)) return null;
        var series = new CsvSeries(table, selection);
        if (!series.Arrange(name, problems)) return null;
        table.Release();
        series.Head = text.Head();
        return series;
    }

    private bool Arrange(string name, IList<DataProblem> problems)
    {
        Rows = table.Lines.Count;
        if (RowOrder.Of(table, selection, name, problems) is not { } order) return false;
        this.order = order;
        (Groups, Times, WasSorted) = (order.Groups, order.Times, order.WasSorted);
        var target = table[selection.Target];
        double[] answers = selection.IsClassification ? [.. target.Words.Select(word => word < 0 ? double.NaN : word)] : [.. target.Values];
        Target = order.Apply(answers);
        Classes = selection.IsClassification ? target.Vocabulary : [];
        if (!AssignParts(order, name, problems)) return false;
        BuildInputs(order);
        return !selection.IsWhole || !selection.HasAnswers || CheckWhole(order, name, problems);
    }

    private bool AssignParts(RowOrder order, string name, IList<DataProblem> problems)
    {
        Parts = new RowPart[Rows];
        if (selection.Part is { } part)
        {
            var column = table[part];
            var meanings = column.Vocabulary.Select(PartOf).ToArray();
            var wrong = Array.FindIndex(meanings, meaning => meaning is null);
            if (wrong >= 0)
            {
                problems.Add(new(DiagnosticCodes.BadCell, "part", $"{name}: column \"{ShortText.Of(part)}\" holds \"{ShortText.Of(column.Vocabulary[wrong])}\", which names no part", "train, validation or test"));
                return false;
            }

            for (var row = 0; row < Rows; row++) Parts[row] = meanings[column.Words[order.Source(row)]]!.Value;
            return true;
        }

        if (selection.IsWhole)
        {
            // Spread evenly over the file, for files are often sorted by class.
            for (var i = 0; i < Groups.Count; i++)
            {
                var place = (i * 0.6180339887498949 + 0.5) % 1 * 100;
                var of = place < selection.Split.Train ? RowPart.Train : place < selection.Split.Train + selection.Split.Validation ? RowPart.Validation : RowPart.Test;
                Array.Fill(Parts, of, Groups[i].Start, Groups[i].Count);
            }

            return true;
        }

        foreach (var group in Groups)
        {
            var (_, validation, test) = selection.Split.Of(group.Count, selection.Fold);
            Array.Fill(Parts, RowPart.Validation, group.Start + validation.Start, validation.Count);
            if (selection.Split.Test > 0) Array.Fill(Parts, RowPart.Test, group.Start + test.Start, test.Count);
            if (selection.Fold is not null) Array.Fill(Parts, RowPart.Later, group.Start + test.End, group.Count - test.End);
        }

        return true;
    }

    private static RowPart? PartOf(string word) => word.ToUpperInvariant() switch
    {
        "TRAIN" or "TRAINING" => RowPart.Train,
        "VALIDATION" or "VALID" or "VAL" or "DEV" => RowPart.Validation,
        "TEST" => RowPart.Test,
        _ => null,
    };

    private void BuildInputs(RowOrder order)
    {
        if (selection.Known is { } known)
        {
            Inputs = [.. known.Select(input => Build(input, order))];
            return;
        }

        List<CsvInput> inputs = [], flags = [];
        foreach (var name in table.Inputs)
        {
            var column = table[name];
            if (selection.Categorical.Contains(name, StringComparer.Ordinal))
            {
                inputs.AddRange(OneHot(column, order));
                continue;
            }

            var values = order.Apply(column.Values.ToArray());
            // The target and the words have been read before: a large file is in memory once, not twice.
            if (table.Inputs.Count(other => other == name) == 1) column.Values.Clear();
            var gaps = values.Count(double.IsNaN);
            MissingCells += gaps;
            inputs.Add(new(name, null, IsFlag: false, values));
            if (gaps == 0) continue;
            if (selection.Missing == MissingRule.Mask) flags.Add(new(name, null, IsFlag: true, Array.ConvertAll(values, value => double.IsNaN(value) ? 1.0 : 0)));
            else Fill(values);
        }

        if (!table.Inputs.Contains(selection.Target, StringComparer.Ordinal)) MissingCells += Target.Count(double.IsNaN);
        Inputs = [.. inputs, .. flags];
    }

    /// <summary>An input of a trained model: what these rows hold for it, whichever words and gaps they have.</summary>
    private CsvInput Build(KnownInput input, RowOrder order)
    {
        var column = table[input.Column];
        if (input.Word is { } wanted)
        {
            var word = column.Vocabulary.IndexOf(wanted);
            return new(input.Column, wanted, IsFlag: true, [.. Enumerable.Range(0, Rows).Select(row => word >= 0 && column.Words[order.Source(row)] == word ? 1.0 : 0)]);
        }

        var values = order.Apply(column.Values.ToArray());
        if (input.IsFlag) return new(input.Column, null, IsFlag: true, Array.ConvertAll(values, value => double.IsNaN(value) ? 1.0 : 0));
        if (selection.Missing != MissingRule.Mask && values.Any(double.IsNaN)) Fill(values);
        return new(input.Column, null, IsFlag: false, values);
    }

    private IEnumerable<CsvInput> OneHot(CsvColumn column, RowOrder order)
    {
        MissingCells += column.Words.Count(word => word < 0);
        var known = Enumerable.Range(0, Rows).Where(row => Parts[row] == RowPart.Train).Select(row => column.Words[order.Source(row)]).Where(word => word >= 0)
            .CountBy(word => word).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Take(MostCategories).Select(pair => pair.Key)
            .OrderBy(word => column.Vocabulary[word], StringComparer.Ordinal);
        foreach (var word in known)
            yield return new(column.Name, column.Vocabulary[word], IsFlag: true, [.. Enumerable.Range(0, Rows).Select(row => column.Words[order.Source(row)] == word ? 1.0 : 0)]);
    }

    private void Fill(double[] values)
    {
        foreach (var group in Groups)
        {
            var last = -1;
            for (var row = group.Start; row < group.End; row++)
            {
                if (double.IsNaN(values[row])) continue;
                if (last >= 0) Bridge(values, last, row);
                last = row;
            }

            if (last >= 0) Array.Fill(values, values[last], last + 1, group.End - last - 1);
        }
    }

    /// <summary>Fills the rows between two that have a value.</summary>
    private void Bridge(double[] values, int from, int to)
    {
        for (var row = from + 1; row < to; row++)
        {
            var share = selection.Missing == MissingRule.Interpolate ? (double)(row - from) / (to - from) : 0;
            values[row] = values[from] + share * (values[to] - values[from]);
            if (share > 0) (FilledFromLater ??= new bool[Rows])[row] = true;
        }
    }

    /// <summary>Whether every series has one answer and one part.</summary>
    private bool CheckWhole(RowOrder order, string name, IList<DataProblem> problems)
    {
        foreach (var group in Groups)
        {
            for (var row = group.Start + 1; row < group.End; row++)
            {
                var setting = Parts[row] != Parts[row - 1] ? "part" : !Target[row].Equals(Target[row - 1]) ? "target" : null;
                if (setting is null) continue;
                problems.Add(new(DiagnosticCodes.BadCell, setting,
                    string.Create(CultureInfo.InvariantCulture, $"{name}:{table.Lines[order.Source(row)]}:1: series \"{ShortText.Of(group.Name)}\" has a second {setting} here; with sequence: whole each series has one"), $"the same {setting} in every row of a series"));
                return false;
            }
        }

        return true;
    }
}
