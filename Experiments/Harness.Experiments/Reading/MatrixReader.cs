using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Settings;
using Harness.Experiments.Planning;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>Reads the <c>matrix:</c> block: factors, included arms, exclusions.</summary>
internal sealed class MatrixReader(SettingReader reader, ExperimentSettings settings)
{
    public const string Include = "include";
    public const string Exclude = "exclude";
    public const string Label = "label";

    /// <summary>More levels than this make no experiment, and a range is counted before it is built.</summary>
    private const int MostLevels = 10_000;

    private static readonly string[] FactorNames = SettingCatalog.Factors.SelectMany(factor => new[] { factor.ShortName, factor.Path }).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();

    public void Read(YamlNode node)
    {
        if (reader.Mapping(node, "matrix", "factors with their levels, such as cell: [rnn, lstm]") is not { } matrix) return;
        foreach (var (key, value) in matrix.Entries)
        {
            switch (key.Text)
            {
                case Include:
                    ReadEntries(value, "matrix.include", ReadInclude);
                    break;
                case Exclude:
                    ReadEntries(value, "matrix.exclude", ReadExclude);
                    break;
                default:
                    ReadFactor(key, value);
                    break;
            }
        }

        settings.Factors.Sort((left, right) => RankOf(left.Descriptor).CompareTo(RankOf(right.Descriptor)));
    }

    private static int RankOf(SettingDescriptor descriptor) => descriptor == SettingCatalog.Cell ? -1 : descriptor.Ordinal;

    private void ReadFactor(YamlScalar key, YamlNode value)
    {
        var path = $"matrix.{key.Excerpt}";
        if (FindFactor(key, path, [Include, Exclude]) is not { } descriptor) return;
        if (settings.FactorOf(descriptor) is not null || settings.Refused.Contains(descriptor))
        {
            ReportTwice(key, descriptor, path);
            return;
        }

        if (ReadLevels(descriptor, value, path) is { } levels) settings.Factors.Add(new Factor(descriptor, key.Span, levels));
        else settings.Refused.Add(descriptor);
    }

    private void ReportTwice(YamlScalar key, SettingDescriptor descriptor, string path)
    {
        var other = key.Text == descriptor.Path ? descriptor.Name : descriptor.Path;
        reader.Refuse(DiagnosticCodes.DuplicateKey, key.Span, path, $"\"{key.Excerpt}\" is the same setting as \"{other}\", which is given, too");
    }

    private SettingDescriptor? FindFactor(YamlScalar key, string path, string[] alsoKnown)
    {
        var descriptor = SettingCatalog.Find(key.Text);
        if (descriptor is { CanVary: true }) return descriptor;
        if (descriptor is not null) reader.Refuse(DiagnosticCodes.CannotVary, key.Span, path, $"\"{key.Excerpt}\" cannot vary within an experiment");
        else reader.UnknownKey(key, path, [.. FactorNames.Where(name => !name.Contains('.', StringComparison.Ordinal) || key.Text.Contains('.', StringComparison.Ordinal)), .. alsoKnown]);
        return null;
    }

    private List<SettingLevel>? ReadLevels(SettingDescriptor descriptor, YamlNode node, string path)
    {
        if (node is YamlMapping range) return ReadRange(descriptor, range, path);
        if (node is YamlScalar { IsEmpty: false }) return reader.ReadLevel(descriptor, node, path) is { } single ? [single] : null;
        if (reader.List(node, path, $"a list of levels, each {descriptor.Type.Expected}") is not { } list) return null;
        var levels = new List<SettingLevel>();
        var seen = new HashSet<SettingValue>();
        var isRight = true;
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (reader.ReadLevel(descriptor, list.Items[i], $"{path}[{i}]") is not { } level)
            {
                isRight = false;
            }
            else if (!seen.Add(level.Value))
            {
                reader.Refuse(DiagnosticCodes.Repeated, level.Span, $"{path}[{i}]", $"level {level.Value.Text} is listed twice");
                isRight = false;
            }
            else
            {
                levels.Add(level);
            }
        }

        return isRight ? levels : null;
    }

    /// <summary>{ from, to, times } is geometric and stops at or before the end; { from, to, steps } has that many evenly spaced levels with both ends.</summary>
    private List<SettingLevel>? ReadRange(SettingDescriptor descriptor, YamlMapping range, string path)
    {
        const string shape = "a list of levels, or { from: 16, to: 256, times: 2 }, or { from: 0, to: 1, steps: 5 }";
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        var isRight = true;
        foreach (var (key, value) in range.Entries)
        {
            var at = $"{path}.{key.Excerpt}";
            if (key.Text is not ("from" or "to" or "times" or "steps"))
            {
                reader.UnknownKey(key, at, ["from", "to", "times", "steps"]);
                isRight = false;
            }
            else if (value is YamlScalar scalar && NumberType.TryRead(scalar.Text, out var number))
            {
                numbers[key.Text] = number;
            }
            else
            {
                reader.Refuse(DiagnosticCodes.WrongKind, value.Span, at, $"\"{key.Text}\" is not a number", "a number");
                isRight = false;
            }
        }

        if (!isRight) return null;
        if (!numbers.TryGetValue("from", out var from) || !numbers.TryGetValue("to", out var to) || numbers.ContainsKey("times") == numbers.ContainsKey("steps"))
        {
            reader.Refuse(DiagnosticCodes.MissingKey, range.Span, path, "a range needs \"from\", \"to\" and either \"times\" or \"steps\"", shape);
            return null;
        }

        return numbers.TryGetValue("times", out var times)
            ? Geometric(descriptor, range, path, from, to, times)
            : Linear(descriptor, range, path, from, to, numbers["steps"]);
    }

    private List<SettingLevel>? Geometric(SettingDescriptor descriptor, YamlMapping range, string path, double from, double to, double times)
    {
        if (from <= 0 || to < from || times <= 1)
        {
            reader.Refuse(DiagnosticCodes.OutOfRange, range.Span, path, "this range has no levels", "0 < from <= to and times above 1");
            return null;
        }

        // The slack keeps the end in when rounding puts it a hair too far.
        var count = Math.Floor((Math.Log(to / from) / Math.Log(times)) + 1e-9) + 1;
        return Levels(descriptor, range, path, count, i => from * Math.Pow(times, i));
    }

    private List<SettingLevel>? Linear(SettingDescriptor descriptor, YamlMapping range, string path, double from, double to, double steps)
    {
        if (to > from && steps >= 2 && steps == Math.Floor(steps))
        {
            return Levels(descriptor, range, path, steps, i => i == steps - 1 ? to : from + ((to - from) * i / (steps - 1)));
        }

        reader.Refuse(DiagnosticCodes.OutOfRange, range.Span, path, "this range has no levels", "from < to and at least 2 steps");
        return null;
    }

    private List<SettingLevel>? Levels(SettingDescriptor descriptor, YamlMapping range, string path, double count, Func<int, double> valueOf)
    {
        if (count > MostLevels)
        {
            reader.Refuse(DiagnosticCodes.TooManyTrials, range.Span, path, string.Create(CultureInfo.InvariantCulture, $"this range has {count:N0} levels"),
                string.Create(CultureInfo.InvariantCulture, $"at most {MostLevels:N0}"));
            return null;
        }

        var levels = new List<SettingLevel>((int)count);
        for (var i = 0; i < count; i++)
        {
            // Twelve digits hide the rounding of the arithmetic, so that 0.3 is called 0.3.
            var number = double.Parse(valueOf(i).ToString("G12", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (descriptor.Type is WholeNumberType) number = Math.Round(number);
            if (descriptor.Type.Parse(SettingValue.Canonical(number), out var value) is { } problem)
            {
                reader.Refuse(problem.Code, range.Span, path, $"{descriptor.Key}: {problem.Message}", descriptor.Type.Expected);
                return null;
            }

            if (levels.Count == 0 || !levels[^1].Value.Equals(value)) levels.Add(new SettingLevel(value, range.Span));
        }

        return levels;
    }

    private void ReadEntries(YamlNode node, string path, Action<YamlMapping, string> read)
    {
        if (reader.List(node, path, "a list of mappings, such as [{ cell: lstm, forget_bias: 2 }]") is not { } list) return;
        for (var i = 0; i < list.Items.Count; i++)
        {
            var at = $"{path}[{i}]";
            if (reader.Mapping(list.Items[i], at, "factors with their values, such as { cell: lstm, forget_bias: 2 }") is { } entry) read(entry, at);
        }
    }

    private void ReadInclude(YamlMapping entry, string path)
    {
        var values = new Dictionary<SettingDescriptor, List<SettingLevel>>();
        YamlScalar? label = null;
        var isRight = true;
        foreach (var (key, value) in entry.Entries)
        {
            var at = $"{path}.{key.Excerpt}";
            if (key.Text == Label)
            {
                label = value as YamlScalar;
                isRight &= IsLabel(value, at);
            }
            else if (FindFactor(key, at, [Label]) is not { } descriptor || ReadLevels(descriptor, value, at) is not { } levels)
            {
                isRight = false;
            }
            else if (!values.TryAdd(descriptor, levels))
            {
                ReportTwice(key, descriptor, at);
                isRight = false;
            }
        }

        if (label is not null && values.TryGetValue(SettingCatalog.Cell, out var cells) && cells.Count > 1)
        {
            reader.Refuse(DiagnosticCodes.Conflict, label.Span, $"{path}.{Label}", $"one label for {cells.Count} cells", "one cell per labelled arm, or no label: claims then name the cells");
            isRight = false;
        }

        if (isRight) AddArms(entry, path, label, values);
        else settings.HasRefusedArms = true;
    }

    /// <summary>One arm per combination of the listed values, the last one named varying fastest.</summary>
    private void AddArms(YamlMapping entry, string path, YamlScalar? label, Dictionary<SettingDescriptor, List<SettingLevel>> values)
    {
        var combinations = values.Values.Aggregate(1.0, (product, levels) => product * levels.Count);
        if (combinations > ConditionExpander.MostTrials)
        {
            reader.Refuse(DiagnosticCodes.TooManyTrials, entry.Span, path, string.Create(CultureInfo.InvariantCulture, $"this entry stands for {combinations:N0} arms"),
                string.Create(CultureInfo.InvariantCulture, $"at most {ConditionExpander.MostTrials:N0}"));
            settings.HasRefusedArms = true;
            return;
        }

        SettingDescriptor[] listed = [.. values.Where(pair => pair.Value.Count > 1).Select(pair => pair.Key)];
        for (var index = 0; index < combinations; index++)
        {
            var arm = new Dictionary<SettingDescriptor, SettingLevel>(values.Count);
            var rest = index;
            foreach (var (descriptor, levels) in values.Reverse())
            {
                arm[descriptor] = levels[rest % levels.Count];
                rest /= levels.Count;
            }

            settings.Includes.Add(new IncludedArm(entry.Span, path, label is null ? null : NameType.Composed(label.Text), label?.Span ?? entry.Span, arm) { Listed = listed });
        }
    }

    private bool IsLabel(YamlNode value, string path)
    {
        var type = new NameType();
        if (value is not YamlScalar { IsEmpty: false } scalar)
        {
            reader.Refuse(DiagnosticCodes.WrongKind, value.Span, path, $"a label cannot be {value.Kind}", type.Expected);
            return false;
        }

        if (type.Parse(scalar.Text, out _) is { } problem)
        {
            reader.Refuse(problem.Code, scalar.Span, path, $"label: {problem.Message}", type.Expected);
            return false;
        }

        if (!SettingCatalog.Cell.Type.Choices.Contains(scalar.Text, StringComparer.Ordinal)) return true;
        reader.Refuse(DiagnosticCodes.BadName, scalar.Span, path, $"label \"{scalar.Text}\" is a cell's own name", "a label that says what is special about this arm");
        return false;
    }

    private void ReadExclude(YamlMapping entry, string path)
    {
        if (ReadFactorLevels(entry, path) is { } levels) settings.Excludes.Add(new Exclusion(entry.Span, path, levels));
    }

    /// <summary>Factors with the levels of them that are meant; null after saying what is wrong.</summary>
    public Dictionary<SettingDescriptor, IReadOnlyList<SettingLevel>>? ReadFactorLevels(YamlMapping entry, string path)
    {
        var levels = new Dictionary<SettingDescriptor, IReadOnlyList<SettingLevel>>();
        var isRight = entry.Entries.Count > 0;
        if (!isRight) reader.Refuse(DiagnosticCodes.Empty, entry.Span, path, "no factor is named here", "at least one factor with its level");
        foreach (var (key, value) in entry.Entries)
        {
            var at = $"{path}.{key.Excerpt}";
            if (FindFactor(key, at, []) is not { } descriptor)
            {
                isRight = false;
            }
            else if (ReadLevels(descriptor, value, at) is not { } meant)
            {
                isRight = false;
            }
            else
            {
                levels[descriptor] = meant;
            }
        }

        return isRight ? levels : null;
    }
}
