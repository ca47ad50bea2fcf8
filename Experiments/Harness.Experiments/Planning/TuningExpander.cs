using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Experiments.Tuning;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Planning;

/// <summary>Expands a <c>tune:</c> block into points, the same for every arm, and the trials that try them.</summary>
internal sealed class TuningExpander(ExperimentSettings settings, DiagnosticList diagnostics, TuneSettings tune)
{
    /// <summary>The first seed of tuning: far from what people choose for verdicts.</summary>
    public const long FirstSeed = 1_000_001;

    /// <summary>The losses of fewer steps say little about a setting.</summary>
    private const int FewestRungSteps = 10;

    /// <summary>A search by time draws so many points in advance: more than anybody should search with one study.</summary>
    private const int MostTimedPoints = 64;

    private readonly double? seconds = settings.Base.TryGetValue(SettingCatalog.TuneSeconds, out var written) ? written.Common!.Value.Number : null;
    private readonly int trials = settings.Base.ContainsKey(SettingCatalog.TuneSeconds) ? MostTimedPoints : settings.Common(SettingCatalog.TuneTrials)!.Whole;
    private readonly int studies = settings.Common(SettingCatalog.TuneStudies)!.Whole;
    private readonly int seeds = settings.Common(SettingCatalog.TuneSeeds)!.Whole;
    private readonly HalvingSpec? halving = settings.Common(SettingCatalog.TunePrune)!.Text == "none" ? null : new(settings.Common(SettingCatalog.TuneEta)!.Whole, settings.Common(SettingCatalog.TuneRungs)!.Whole);
    private readonly string sampler = settings.Common(SettingCatalog.TuneSampler)!.Text;

    /// <param name="conditions">With what each was resolved from, in the plan's order.</param>
    /// <returns>Null when there are errors.</returns>
    public TuningPlan? Expand(IReadOnlyList<(ConditionSpec Condition, Draft Draft)> conditions)
    {
        CheckSeeds();
        CheckBudget();
        foreach (var knob in tune.Over) CheckKnob(knob, conditions);
        if (diagnostics.HasErrors || !IsSmallEnough(conditions.Count)) return null;

        var (arms, tried, rules) = (new List<TunedArm>(), new List<TunedTrial>(), new ConditionRules(settings, diagnostics));
        foreach (var group in conditions.Select((pair, ordinal) => (pair.Condition, pair.Draft, Ordinal: ordinal)).GroupBy(entry => GroupOf(entry.Condition, entry.Draft), StringComparer.Ordinal))
        {
            var members = group.ToArray();
            var knobs = tune.Over.FindAll(knob => Applies(knob, members[0].Condition, members[0].Draft));
            if (knobs.Count == 0)
            {
                diagnostics.Error(DiagnosticCodes.Conflict, tune.Span, BlockNames.Tune, $"nothing is searched for {members[0].Condition.Label}: it would be compared untuned with tuned arms", "at least one setting of tune.over for every arm");
                return null;
            }

            if (PointsOf(members[0].Condition, knobs) is not { } points) return null;
            arms.Add(new TunedArm(
                members.Length == 1 ? members[0].Condition.Label : group.Key, [.. members.Select(member => member.Ordinal)],
                [.. knobs.Select(SettingOf)], [.. points.Select(point => (IReadOnlyList<string>)[.. point.Select(level => level.Value.Text)])]));
            foreach (var (condition, draft, ordinal) in members)
            {
                for (var point = 0; point < points.Count; point++)
                {
                    var resolved = draft.Resolved.With(knobs.Select((knob, at) => (knob.Descriptor, points[point][at])));
                    if (!rules.Check(resolved)) return null;
                    var trial = TrialComposer.Compose(resolved, condition.Trial.Model.Hidden, FirstSeed);
                    var first = halving is null ? trial.Train : trial.Train with { Steps = halving.StepsOf(0, trial.Train.Steps) };
                    // What tuning does not look at is not measured.
                    tried.Add(new TunedTrial(ordinal, point, trial with { Train = first, Probe = new ProbeSpec([], trial.Probe.Sequences) }));
                }

                if (!CheckTiming(condition, tried[^1].Spec) || !CheckRungs(condition)) return null;
            }
        }

        var spread = Enumerable.Range(0, studies * seeds).Select(seed => FirstSeed + seed).ToArray();
        var spec = new TuningSpec(trials, studies, spread, sampler, settings.Common(SettingCatalog.TuneSelect)!.Text, arms) { Halving = halving, Seconds = seconds };
        var certain = tried.ToLookup(trial => trial.Point % trials < spec.CertainPoints);
        return new TuningPlan(spec, [.. certain[true]], [.. certain[false]]);
    }

    /// <summary>Conditions of one group share their points: those of one arm that agree in the factors that are tuned by themselves.</summary>
    private string GroupOf(ConditionSpec condition, Draft draft) => tune.Per is not { } per
        ? condition.Label
        : string.Join(' ', per.Where(factor => factor != SettingCatalog.Cell && draft.Resolved.Has(factor) && draft.Resolved.IsVaried(factor)).Select(factor => $"{factor.Symbol ?? factor.Name}={draft.Resolved[factor].Text}").Prepend(condition.Arm));

    private static bool Applies(Knob knob, ConditionSpec condition, Draft draft) =>
        draft.Resolved.Has(knob.Descriptor) && (knob.Arms is null || knob.Arms.Any(arm => arm.Name == condition.Arm || arm.Name == draft.Trial.Model.Cell));

    private void CheckSeeds()
    {
        var last = FirstSeed + ((long)studies * seeds) - 1;
        if (!settings.Seeds.Exists(seed => seed >= FirstSeed && seed <= last)) return;
        diagnostics.Error(DiagnosticCodes.Conflict, settings.Blocks.GetValueOrDefault(BlockNames.Seeds, settings.Root), BlockNames.Seeds,
            string.Create(CultureInfo.InvariantCulture, $"the seeds {FirstSeed} to {last} are those of tuning: a verdict on them would know what tuning saw"), "other seeds");
    }

    /// <summary>Points or time, and nothing that fixes the number of points in a search by time.</summary>
    private void CheckBudget()
    {
        if (seconds is null) return;
        var conflicting = settings.Base.GetValueOrDefault(SettingCatalog.TuneTrials)
            ?? (halving is null ? null : settings.Base.GetValueOrDefault(SettingCatalog.TunePrune))
            ?? (sampler == PointSampler.Grid ? settings.Base.GetValueOrDefault(SettingCatalog.TuneSampler) : null);
        if (conflicting is null) return;
        var name = conflicting.Descriptor.Key;
        diagnostics.Error(DiagnosticCodes.Conflict, conflicting.Span, conflicting.Descriptor.Path,
            name == SettingCatalog.TuneTrials.Key ? "the budget of a search is either a number of points or a time" : $"\"{name}\" fixes the number of points, but the budget is a time",
            name == SettingCatalog.TuneTrials.Key ? "one of: trials, seconds" : null, $"remove {name} or seconds");
    }

    private void CheckKnob(Knob knob, IReadOnlyList<(ConditionSpec Condition, Draft Draft)> conditions)
    {
        var name = knob.Descriptor.Name;
        if (settings.FactorOf(knob.Descriptor) is not null)
            diagnostics.Error(DiagnosticCodes.Conflict, knob.Span, knob.Path, $"\"{name}\" is a factor of the matrix and tuned", null, "remove it from one of them: what is compared is not tuned");
        else if (knob.Arms is null && settings.Base.ContainsKey(knob.Descriptor))
            diagnostics.Error(DiagnosticCodes.Conflict, knob.Span, knob.Path, $"\"{name}\" is given and tuned", null, $"remove {knob.Descriptor.Path}, or remove it from tune.over");
        if (conditions.FirstOrDefault(pair => Applies(knob, pair.Condition, pair.Draft) && pair.Draft.Arm?.Values.ContainsKey(knob.Descriptor) == true) is { Condition: { } fixedArm })
            diagnostics.Error(DiagnosticCodes.Conflict, knob.Span, knob.Path, $"\"{name}\" is tuned, but the arm {fixedArm.Arm} gives it", null, $"name the arms that it is tuned for: {name}: {{ arms: [...], ... }}");

        string[] known = [.. conditions.SelectMany(pair => new[] { pair.Condition.Arm, pair.Draft.Trial.Model.Cell }).Distinct(StringComparer.Ordinal)];
        foreach (var (arm, span) in knob.Arms ?? [])
        {
            if (known.Contains(arm, StringComparer.Ordinal)) continue;
            diagnostics.Error(DiagnosticCodes.UnknownArm, span, $"{knob.Path}.arms", $"there is no arm \"{ShortText.Of(arm)}\"", $"one of: {string.Join(", ", known)}", EditDistance.Nearest(arm, known) is { } near ? $"did you mean \"{near}\"?" : null);
            return;
        }

        if (!conditions.Any(pair => Applies(knob, pair.Condition, pair.Draft)))
            diagnostics.Error(DiagnosticCodes.DoesNotApply, knob.Span, knob.Path, $"no arm that it is tuned for has \"{name}\"", null, "remove it, or name other arms");
    }

    private bool IsSmallEnough(int conditions)
    {
        var (tuning, confirmation) = ((double)conditions * studies * trials * seeds, (double)conditions * settings.Seeds.Count);
        if (tuning + confirmation <= ConditionExpander.MostTrials) return true;
        diagnostics.Error(DiagnosticCodes.TooManyTrials, tune.Span, BlockNames.Tune,
            string.Create(CultureInfo.InvariantCulture, $"conditions ({conditions}) × studies ({studies}) × points ({trials}) × seeds ({seeds}) + {confirmation:N0} to confirm = {tuning + confirmation:N0} trials"),
            string.Create(CultureInfo.InvariantCulture, $"at most {ConditionExpander.MostTrials:N0} trials"), "try fewer points, or tune several conditions together with per");
        return false;
    }

    /// <summary>Study by study, a level for each knob.</summary>
    private List<SettingLevel[]>? PointsOf(ConditionSpec condition, List<Knob> knobs)
    {
        if (sampler == PointSampler.Grid) return GridOf(condition, knobs);
        var different = knobs.Aggregate(1.0, (product, knob) => product * (knob.Scale == TunedScale.Values ? knob.Values.Count : knob.IsWhole ? Math.Floor(knob.High) - Math.Ceiling(knob.Low) + 1 : double.PositiveInfinity));
        if (different < trials && seconds is not null)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, settings.Base[SettingCatalog.TuneSeconds].Span, SettingCatalog.TuneSeconds.Path,
                string.Create(CultureInfo.InvariantCulture, $"{condition.Label} has only {different:0} different points: a search by time may need up to {MostTimedPoints}"), "a range, such as lr: { log: [1e-4, 1e-1] }, or trials in place of seconds");
            return null;
        }

        if (different < trials)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, settings.Base.TryGetValue(SettingCatalog.TuneTrials, out var written) ? written.Span : tune.Span, SettingCatalog.TuneTrials.Path,
                string.Create(CultureInfo.InvariantCulture, $"{condition.Label} has only {different:0} different points: its budget would be smaller than that of other arms"),
                string.Create(CultureInfo.InvariantCulture, $"trials: {different:0} at most, or a wider search for it"));
            return null;
        }

        var points = new List<SettingLevel[]>(studies * trials);
        for (var study = 0; study < studies; study++)
        {
            var seed = PointSampler.SeedOf(settings.Common(SettingCatalog.Name)!.Text, study);
            for (var index = 0; index < trials; index++) points.Add([.. knobs.Select(knob => LevelAt(knob, PointSampler.Coordinate(sampler, seed, index, tune.Over.IndexOf(knob))))]);
        }

        return points;
    }

    /// <summary>Every combination: all values of lists, and equally many of each range.</summary>
    private List<SettingLevel[]>? GridOf(ConditionSpec condition, List<Knob> knobs)
    {
        var ranges = knobs.Count(knob => knob.Scale != TunedScale.Values);
        var listed = knobs.Where(knob => knob.Scale == TunedScale.Values).Aggregate(1, (product, knob) => product * knob.Values.Count);
        var steps = ranges == 0 ? 1 : (int)Math.Round(Math.Pow((double)trials / listed, 1.0 / ranges));
        if ((ranges > 0 && steps < 2) || listed * Math.Pow(steps, ranges) != trials)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, settings.Base.TryGetValue(SettingCatalog.TuneTrials, out var written) ? written.Span : tune.Span, SettingCatalog.TuneTrials.Path,
                $"a grid for {condition.Label} cannot have {trials} points",
                ranges == 0 ? string.Create(CultureInfo.InvariantCulture, $"trials: {listed}") : string.Create(CultureInfo.InvariantCulture, $"trials: {listed * Math.Pow(Math.Max(2, steps), ranges):0} or {listed * Math.Pow(Math.Max(2, steps) + 1, ranges):0}"),
                "sampler: sobol takes any number");
            return null;
        }

        var points = new List<SettingLevel[]>(studies * trials);
        for (var index = 0; index < studies * trials; index++)
        {
            var (point, rest) = (new SettingLevel[knobs.Count], index % trials);
            for (var at = knobs.Count - 1; at >= 0; at--)
            {
                var count = knobs[at].Scale == TunedScale.Values ? knobs[at].Values.Count : steps;
                point[at] = knobs[at].Scale == TunedScale.Values ? knobs[at].Values[rest % count] : LevelAt(knobs[at], (double)(rest % count) / (count - 1));
                rest /= count;
            }

            points.Add(point);
        }

        return points;
    }

    /// <param name="place">Where in the search, from 0 to 1.</param>
    private static SettingLevel LevelAt(Knob knob, double place)
    {
        if (knob.Scale == TunedScale.Values) return knob.Values[Math.Min(knob.Values.Count - 1, (int)(place * knob.Values.Count))];
        var number = knob.Scale == TunedScale.Log ? knob.Low * Math.Pow(knob.High / knob.Low, place) : knob.Low + ((knob.High - knob.Low) * place);
        // Four digits are as good as more, and can be read and typed.
        number = knob.IsWhole ? Math.Clamp(Math.Round(number), Math.Ceiling(knob.Low), Math.Floor(knob.High)) : Math.Clamp(double.Parse(number.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), knob.Low, knob.High);
        return new SettingLevel(SettingValue.OfNumber(number), knob.Span);
    }

    private static TunedSetting SettingOf(Knob knob) => knob.Scale == TunedScale.Values
        ? new(knob.Descriptor.Name, knob.Scale, Values: [.. knob.Values.Select(level => level.Value.Text)])
        : new(knob.Descriptor.Name, knob.Scale, knob.Low, knob.High);

    /// <summary>Rungs must differ in steps and in points, and be long enough to tell points apart.</summary>
    private bool CheckRungs(ConditionSpec condition)
    {
        if (halving is null) return true;
        var span = settings.Base.TryGetValue(SettingCatalog.TunePrune, out var written) ? written.Span : tune.Span;
        var (steps, needed) = (condition.Trial.Train.Steps, FewestRungSteps * halving.PartOf(0));
        if (steps < needed)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, span, SettingCatalog.TunePrune.Path,
                string.Create(CultureInfo.InvariantCulture, $"the first rung of {condition.Label} has {halving.StepsOf(0, steps)} of {steps} steps: too few to tell points apart"),
                string.Create(CultureInfo.InvariantCulture, $"at least {needed} steps"), "fewer rungs, a smaller eta, or longer training");
            return false;
        }

        if (condition.Trial.Train.Optimizer.Schedule?.WarmUp is { } warmUp && warmUp >= halving.StepsOf(0, steps))
        {
            diagnostics.Error(DiagnosticCodes.Conflict, span, SettingCatalog.TunePrune.Path,
                string.Create(CultureInfo.InvariantCulture, $"the first rung of {condition.Label} ends after {halving.StepsOf(0, steps)} steps, before its learning rate has warmed up ({warmUp} steps)"),
                null, "a shorter warm_up, fewer rungs, or longer training");
            return false;
        }

        if (halving.PointsOf(halving.Rungs - 2, trials) > 1) return true;
        diagnostics.Error(DiagnosticCodes.Conflict, span, SettingCatalog.TunePrune.Path, string.Create(CultureInfo.InvariantCulture, $"{trials} points leave nothing to choose from after {halving.Rungs - 1} rungs"),
            string.Create(CultureInfo.InvariantCulture, $"trials: {halving.PartOf(0)} or more, or fewer rungs"));
        return false;
    }

    /// <summary>Timing trials are planned before anything is chosen.</summary>
    private bool CheckTiming(ConditionSpec condition, TrialSpec tuned)
    {
        if (!settings.Common(SettingCatalog.SpeedMeasure)!.IsOn || TimingArm.StepOf(tuned, tuned.Model.Kernel) == TimingArm.StepOf(condition.Trial, condition.Trial.Model.Kernel)) return true;
        diagnostics.Error(DiagnosticCodes.Conflict, tune.Span, BlockNames.Tune, "speed is measured while settings are tuned that change what a step does", null, "measure speed in an experiment of its own, or tune lr, init and biases only");
        return false;
    }
}
