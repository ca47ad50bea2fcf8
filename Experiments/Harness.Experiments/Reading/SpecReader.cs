using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Experiments.Planning;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>Reads experiment files. For any bytes the answer is a spec or at least one diagnostic, never an exception.</summary>
public static class SpecReader
{
    /// <summary>Reads the file at <paramref name="path"/>; that it cannot be read is a diagnostic too.</summary>
    /// <param name="dataRoots">Folders beside the file's own in which its data files may lie.</param>
    public static SpecReading ReadFile(string path, IReadOnlyList<SettingOverride> overrides, IReadOnlyList<string>? dataRoots = null)
    {
        try
        {
            if (Directory.Exists(path)) return Unreadable(path, "this is a folder", "an experiment file (*.yaml)");
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

            // One byte more than allowed tells a file that is too long, without reading the rest of it.
            var buffer = new byte[SourceScan.LargestFile + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return Read(buffer.AsSpan(0, length), path, overrides, DataFolder.Beside(path, dataRoots ?? []));
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            return Unreadable(path, "there is no such file", "the path of an experiment file (*.yaml)");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Unreadable(path, $"the file cannot be read: {ShortText.Of(problem.Message)}", null);
        }
    }

    /// <summary>Reads an experiment.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <param name="fileName">What diagnostics call it.</param>
    /// <param name="overrides">Settings changed on the command line, later ones over earlier ones.</param>
    /// <param name="files">Where the data files come from that tasks name; null for nowhere.</param>
    public static SpecReading Read(ReadOnlySpan<byte> utf8, string fileName, IReadOnlyList<SettingOverride> overrides, IDataFiles? files = null)
    {
        var diagnostics = new DiagnosticList();
        var spec = SourceScan.Read(utf8, fileName, diagnostics) is { } source ? Read(source, overrides, files ?? new NoDataFiles(), diagnostics) : null;
        var sorted = diagnostics.Sorted(out var omitted);
        return new SpecReading(diagnostics.HasErrors ? null : spec, sorted, omitted);
    }

    private static ExperimentSpec? Read(SourceText source, IReadOnlyList<SettingOverride> overrides, IDataFiles files, DiagnosticList diagnostics)
    {
        var root = YamlTreeReader.Read(source, diagnostics);
        if (root is null or YamlScalar { IsEmpty: true })
        {
            if (!diagnostics.HasErrors) diagnostics.Error(DiagnosticCodes.Empty, source.At(0, 0), "", "the file is empty", "an experiment; `version: 1` is its first line");
            return null;
        }

        if (root is not YamlMapping document)
        {
            diagnostics.Error(DiagnosticCodes.WrongKind, root.Span, "", $"the file holds {root.Kind}", "an experiment, which is a mapping; `version: 1` is its first line");
            return null;
        }

        foreach (var change in overrides) document = OverrideApplication.Apply(document, change, diagnostics);

        var reader = new SettingReader(diagnostics);
        var settings = new ExperimentSettings(source.At(0, 0), files);
        new SpecBinder(reader, settings).Bind(document);
        FoldFactor.Add(settings, diagnostics);
        SettingRules.Check(settings, diagnostics);

        var claims = new ClaimReader(reader, new MatrixReader(reader, settings));
        if (settings.Claims is { } list) claims.Read(list);

        // Conditions are only built from settings that are right; checks across settings come after those of each.
        if (diagnostics.HasErrors) return null;
        var expander = new ConditionExpander(settings, diagnostics);
        var conditions = expander.Expand();
        if (diagnostics.HasErrors) return null;
        var tuning = settings.Tune is { } tune ? new TuningExpander(settings, diagnostics, tune).Expand(expander.WithDrafts(conditions)) : null;
        var checkedClaims = claims.Check(conditions, settings.Seeds.Count, SpeedOf(settings)?.Rounds);
        CheckTiming(settings, conditions, diagnostics);
        var looks = LookSettings.Of(settings, checkedClaims, diagnostics);
        return new ExperimentSpec(
            settings.Base[SettingCatalog.Name].Common!.Value.Text,
            settings.Common(SettingCatalog.Question)?.Text,
            settings.Factors.Select(factor => new FactorSpec(factor.Descriptor.Name, factor.Levels.Select(level => level.Value.Text).ToArray())).ToArray(),
            conditions,
            settings.Seeds,
            checkedClaims,
            new RunSpec(
                settings.Common(SettingCatalog.Slots)?.Whole,
                settings.Common(SettingCatalog.TrialRetries)!.Whole,
                settings.Common(SettingCatalog.InfrastructureRetries)!.Whole,
                settings.Common(SettingCatalog.Priority)!.Whole,
                new AttemptTerms(
                    settings.Common(SettingCatalog.CheckpointEvery)!.Number,
                    settings.Common(SettingCatalog.HungAfter)!.Number,
                    settings.Common(SettingCatalog.KeepWeights)!.IsOn),
                settings.Common(SettingCatalog.Exclusive)!.IsOn,
                settings.Common(SettingCatalog.Memory) is { IsAbsent: false, Number: var memory } ? (long)memory : 0,
                settings.Common(SettingCatalog.Label) is { IsAbsent: false, Text: var label } ? label : null,
                settings.Common(SettingCatalog.Pack)! switch { { IsAbsent: false, Whole: var most } => most, { Text: "off" } => 1, _ => null }),
            SpeedOf(settings),
            settings.Common(SettingCatalog.Order)!.Text == "seed-major" ? TrialOrder.SeedMajor : TrialOrder.ConditionMajor,
            overrides.Select(change => change.Text).ToArray())
        {
            Files = [.. settings.Data.Files.Concat(settings.Weights.Files).DistinctBy(file => file.Sha256, StringComparer.Ordinal)],
            Tuning = tuning,
            Looks = looks,
            Report = new ReportSpec(
                settings.Base.ContainsKey(SettingCatalog.ReportLanguage) ? settings.Common(SettingCatalog.ReportLanguage)!.Text : null,
                settings.Common(SettingCatalog.ReportTitle)?.Text)
            {
                Questions = settings.Base.GetValueOrDefault(SettingCatalog.Question)?.PerLanguage,
                Sources = SourcesOf(conditions),
                DataLicence = settings.Common(SettingCatalog.ReportLicence)?.Text,
            },
        };
    }

    /// <summary>Null where no file but those of tasks is read, so that earlier reports stay as they are stored.</summary>
    private static SortedDictionary<string, FileSource>? SourcesOf(IReadOnlyList<ConditionSpec> conditions)
    {
        var sources = new SortedDictionary<string, FileSource>(StringComparer.Ordinal);
        foreach (var weights in conditions.Select(condition => condition.Weights).OfType<ConditionWeights>()) sources.TryAdd(weights.Sha256, new(weights.Path));
        return sources.Count == 0 ? null : sources;
    }

    private static SpeedSpec? SpeedOf(ExperimentSettings settings) => !settings.Common(SettingCatalog.SpeedMeasure)!.IsOn ? null : new(settings.Common(SettingCatalog.SpeedRounds)!.Whole)
    {
        Length = Numbers(settings, SettingCatalog.SweepLength),
        Hidden = Numbers(settings, SettingCatalog.SweepHidden),
        Batch = Numbers(settings, SettingCatalog.SweepBatch),
        Threads = Numbers(settings, SettingCatalog.SweepThreads),
    };

    private static int[] Numbers(ExperimentSettings settings, SettingDescriptor descriptor) =>
        [.. settings.Common(descriptor)?.Words.Select(number => int.Parse(number, CultureInfo.InvariantCulture)) ?? []];

    private static void CheckTiming(ExperimentSettings settings, IReadOnlyList<ConditionSpec> conditions, DiagnosticList diagnostics)
    {
        if (SpeedOf(settings) is not { } speed) return;
        TrialSpec[] trials = [.. conditions.Select(condition => condition.Trial)];
        if (speed.Length.Count > 0)
        {
            var (span, path) = (settings.Base[SettingCatalog.SweepLength].Span, SettingCatalog.SweepLength.Path);
            foreach (var task in trials.Select(trial => trial.Task).DistinctBy(task => task.Kind, StringComparer.Ordinal))
            {
                var definition = TaskCatalog.Get(task.Kind);
                if (definition.ReadsFile) diagnostics.Error(DiagnosticCodes.DoesNotApply, span, path, $"the lengths of {task.Kind} are cut from a file, and cannot be swept", "a generated task", "vary length in the matrix");
                else if (speed.Length[0] < definition.MinimumLength) diagnostics.Error(DiagnosticCodes.OutOfRange, span, path, $"length {speed.Length[0]} is too short for {task.Kind}", $"at least {definition.MinimumLength} steps");
            }

            if (trials.Any(trial => trial.Task.Shortest is not null)) diagnostics.Error(DiagnosticCodes.Conflict, span, path, "sequences of different lengths (task.shortest) have no length that could be swept", "shortest: none");
        }

        if (diagnostics.HasErrors) return;
        var arms = TimingPlanner.Arms(trials, speed).ToList();
        var measure = settings.Base[SettingCatalog.SpeedMeasure];
        if (arms.Find(arm => ModelSize.ActivationBytes(arm.Step) > ConditionRules.MostActivationBytes) is { } large)
        {
            diagnostics.Error(DiagnosticCodes.TooLarge, measure.Span, "speed.sweep",
                string.Create(CultureInfo.InvariantCulture, $"back-propagation through {large.Step.Task.Length} steps of {large.Step.Train.Batch} sequences with hidden {large.Step.Model.Hidden} keeps {ModelSize.ActivationBytes(large.Step) / (1 << 30):N0} GiB"),
                string.Create(CultureInfo.InvariantCulture, $"at most {ConditionRules.MostActivationBytes / (1 << 30):N0} GiB"), "sweep smaller sizes");
        }

        if (arms.Count <= TimingPlanner.MostArmsInAll) return;
        diagnostics.Error(DiagnosticCodes.TooManyTrials, measure.Span, measure.Descriptor.Path,
            string.Create(CultureInfo.InvariantCulture, $"the conditions differ in {arms.Count:N0} kinds of steps, kernel paths and sweeps included, that would have to be timed"),
            string.Create(CultureInfo.InvariantCulture, $"at most {TimingPlanner.MostArmsInAll:N0}"), "use fewer levels, or measure speed in an experiment of its own");
    }

    private static SpecReading Unreadable(string path, string message, string? expected)
    {
        var diagnostics = new DiagnosticList();
        diagnostics.Error(DiagnosticCodes.UnreadableFile, new SourceText(path, "").At(0, 0), "", message, expected);
        return new SpecReading(null, diagnostics.Sorted(out _));
    }
}
