using System.Globalization;
using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>A plan for people.</summary>
public static class PlanText
{
    /// <summary>Beyond this many conditions the table is cut; the JSON form has them all.</summary>
    private const int MostRows = 60;

    /// <summary>Arms that are named before the others are counted.</summary>
    private const int MostArms = 6;

    /// <summary>Cards of the same file for several lengths differ in their windows only.</summary>
    private const int MostCards = 3;

    /// <summary>The arithmetic of the experiment, a table of its conditions, its claims as sentences.</summary>
    public static string Human(PlanDocument plan)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{plan.Name}  {Arithmetic(plan)}\n");
        if (plan.Question is { } question) text.Append(CultureInfo.InvariantCulture, $"  {question}\n");
        foreach (var change in plan.Overrides) text.Append(CultureInfo.InvariantCulture, $"  --set {change}\n");
        text.Append('\n');
        AppendTable(text, plan);
        AppendData(text, plan);
        AppendWeights(text, plan);
        AppendKeep(text, plan);
        AppendStages(text, plan);
        text.Append(CultureInfo.InvariantCulture, $"\n  to run {plan.Trials.ToRun}");
        if (plan.Trials.Cached > 0) text.Append(CultureInfo.InvariantCulture, $", have a result already {plan.Trials.Cached}");
        if (plan.Trials.FailedBefore > 0) text.Append(CultureInfo.InvariantCulture, $", failed before {plan.Trials.FailedBefore}");
        text.Append('\n');
        if (plan.Estimate is { } estimate)
        {
            text.Append(CultureInfo.InvariantCulture, $"  takes {Range(estimate)} on {estimate.Slots} slot{(estimate.Slots == 1 ? "" : "s")} ({estimate.Basis})\n");
        }

        if (plan.Timing is { } timing)
        {
            text.Append(CultureInfo.InvariantCulture, $"  timing {timing.Trials.Total} trial{(timing.Trials.Total == 1 ? "" : "s")}, alone on a machine: {timing.Arms} interleaved steps, {timing.Rounds} rounds, ");
            text.Append(timing.Trials.ToRun == 0 ? "measured already\n" : string.Create(CultureInfo.InvariantCulture, $"roughly {Duration(timing.Seconds)}\n"));
        }

        if (plan.Claims.Count > 0) text.Append("\n  claims\n");
        foreach (var claim in plan.Claims) text.Append(CultureInfo.InvariantCulture, $"    {claim.Id}: {claim.Statement}\n      {claim.Power}\n");
        return text.ToString();
    }

    private static string Arithmetic(PlanDocument plan)
    {
        var product = plan.Factors.Aggregate(1, (levels, factor) => levels * factor.Levels.Count);
        var isPlainProduct = plan.Factors.Count > 0 && product == plan.Conditions.Count;
        var left = isPlainProduct
            ? string.Join(" × ", plan.Factors.Select(factor => $"{factor.Path} ({Number(factor.Levels.Count)})"))
            : $"conditions ({Number(plan.Conditions.Count)})";
        if (plan.Stages is { } stages) return string.Join(" + ", stages.Select(stage => $"{stage.Name} ({Between(stage)})")) + $" = {Between(new("", stages.Sum(stage => stage.Least), stages.Sum(stage => stage.Most), null))} trials";
        return $"{left} × seeds ({Number(plan.Seeds.Count)}) = {Number(plan.Trials.Total)} trials";
    }

    private static string Between(PlanStage stage) => stage.Least == stage.Most ? Number(stage.Most) : $"{Number(stage.Least)} to {Number(stage.Most)}";

    /// <summary>What is tried before verdicts are trained for, and how often.</summary>
    private static void AppendStages(StringBuilder text, PlanDocument plan)
    {
        if (plan.Looks is { } looks)
            text.Append(CultureInfo.InvariantCulture, $"\n  seeds until decided: claims are looked at with {string.Join(", ", looks.SkipLast(1).Select(look => Number(look)))} and {Number(looks[^1])} seeds\n");
        if (plan.Tuning is not { } tuning) return;
        var studies = tuning.Studies == 1 ? "" : $" in each of {Number(tuning.Studies)} studies";
        text.Append(CultureInfo.InvariantCulture, $"\n  tuning: {(tuning.Seconds is { } seconds ? $"points ({tuning.Sampler}) for {Duration(seconds)} of training of each condition" : $"{Number(tuning.Trials)} points ({tuning.Sampler}) for each arm")}{studies}, each on {Number(tuning.Seeds.Count / tuning.Studies)} seeds ({tuning.Seeds[0]} to {tuning.Seeds[^1]}), chosen by {tuning.Select}\n");
        if (tuning.Halving is { } halving)
        {
            var rungs = Enumerable.Range(0, halving.Rungs).Select(rung =>
                $"{Number(halving.PointsOf(rung, tuning.Trials))}{(rung == 0 ? " points" : "")} {(halving.PartOf(rung) is > 1 and var part ? $"for 1/{Number(part)}{(rung == 0 ? " of the steps" : "")}" : "in full")}");
            text.Append(CultureInfo.InvariantCulture, $"    pruned by halving: {string.Join(", ", rungs)}\n");
        }

        // Arms that search the same are named together.
        foreach (var search in tuning.Arms.GroupBy(arm => string.Join(", ", arm.Settings.Select(Search)), StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"    {Named([.. search.Select(arm => arm.Label)])}: {search.Key}\n");
        text.Append(CultureInfo.InvariantCulture, $"  confirmation: every condition at its chosen values on {Number(plan.Looks is { } first ? first[0] : plan.Seeds.Count)} fresh seeds\n");
    }

    private static string Named(string[] arms) => arms.Length <= MostArms ? string.Join(", ", arms) : $"{string.Join(", ", arms[..MostArms])} and {Number(arms.Length - MostArms)} more";

    private static string Search(TunedSetting setting) => setting.Scale == TunedScale.Values
        ? $"{setting.Name} {string.Join(" | ", setting.Values!)}"
        : string.Create(CultureInfo.InvariantCulture, $"{setting.Name} {setting.Low:G4} … {setting.High:G4}{(setting.Scale == TunedScale.Log ? " (log)" : "")}");

    private static void AppendTable(StringBuilder text, PlanDocument plan)
    {
        var hasData = plan.Conditions.Any(condition => condition.Data is not null);
        var hasMatch = plan.Conditions.Any(condition => condition.Match is not null);
        List<string[]> rows = [["condition", "hidden", "parameters", "with output layer", "MFLOP/step", "steps", "sequences", .. hasData ? ["windows"] : Array.Empty<string>(), .. hasMatch ? ["mismatch"] : Array.Empty<string>()]];
        foreach (var condition in plan.Conditions.Take(MostRows))
        {
            var match = condition.Match is { } size ? size.Mismatch.ToString("P2", CultureInfo.InvariantCulture) : "";
            var windows = condition.Data is { Windows: var found } ? $"{Number(found.Train)}/{Number(found.Validation)}/{Number(found.Test)}" : "";
            rows.Add(
            [
                condition.Label, Number(condition.Hidden), Number(condition.Parameters), Number(condition.ParametersTotal),
                Scaled(condition.FlopsPerStep / 1e6), Number(condition.Steps), Number(condition.TrainingSequences), .. hasData ? [windows] : Array.Empty<string>(), .. hasMatch ? [match] : Array.Empty<string>(),
            ]);
        }

        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.Append("  ").Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }

        if (plan.Conditions.Count > MostRows) text.Append(CultureInfo.InvariantCulture, $"  … and {plan.Conditions.Count - MostRows} more\n");
    }

    /// <summary>Which files, with the hash that goes into the trials' identity.</summary>
    private static void AppendData(StringBuilder text, PlanDocument plan)
    {
        var files = plan.Conditions.Where(condition => condition.Data is not null).DistinctBy(condition => (condition.Data!.Path, condition.Data.Sha256))
            .Select(condition => (TaskCatalog.Get(condition.Task).File!.Unit, File: condition.Data!)).ToArray();
        if (files.Length > 0) text.Append("\n  data (windows: training/validation/test)\n");
        foreach (var (unit, file) in files) text.Append(CultureInfo.InvariantCulture, $"    {file.Path}  {Number(file.Rows)} {unit}, {Number(file.Bytes)} bytes, sha256 {file.Sha256}\n");
        foreach (var condition in plan.Conditions.Where(condition => condition.Data?.Card is not null).DistinctBy(condition => (condition.Data!.Path, condition.Data.Sha256, condition.Length)).Take(MostCards))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {condition.Data!.Path} in sequences of {Number(condition.Length)}\n");
            foreach (var line in DataCardText.Lines(condition.Data.Card!, TaskCatalog.Get(condition.Task).File!.Unit)) text.Append("    ").Append(line).Append('\n');
        }
    }

    /// <summary>Which files the initial weights come from, with the hash that goes into the trials' identity.</summary>
    private static void AppendWeights(StringBuilder text, PlanDocument plan)
    {
        var files = plan.Conditions.Where(condition => condition.Weights is not null).GroupBy(condition => condition.Weights!).ToArray();
        if (files.Length > 0) text.Append("\n  initial weights\n");
        foreach (var file in files)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {file.Key.Path} for {Named([.. file.Select(condition => condition.Label)])}\n");
            text.Append(CultureInfo.InvariantCulture, $"      {Number(file.Key.Bytes)} bytes, sha256 {file.Key.Sha256}\n");
            if (!file.Key.HasOutputLayer) text.Append("      no output layer in the file: it is drawn from the seed\n");
        }

        var drawn = plan.Conditions.Where(condition => condition.Weights is null).Select(condition => condition.Label).ToArray();
        if (files.Length > 0 && drawn.Length > 0) text.Append(CultureInfo.InvariantCulture, $"    drawn for {Named(drawn)}\n");
    }

    /// <summary>Whose weights are reported and exported, where that is not the last step's.</summary>
    private static void AppendKeep(StringBuilder text, PlanDocument plan)
    {
        var best = plan.Conditions.Where(condition => condition.Keep == "best").ToArray();
        if (best.Length == 0) return;
        var which = best.Length == plan.Conditions.Count ? "" : $" ({Number(best.Length)} of {Number(plan.Conditions.Count)} conditions)";
        text.Append(CultureInfo.InvariantCulture, $"\n  keeps the weights of the best evaluation{which}; train.keep: last keeps those of the last step\n");
    }

    private static string Scaled(double number) => number.ToString(number switch { >= 100 => "N0", >= 1 => "N1", _ => "N3" }, CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The likely time as "about 3 min 10 s, 2 min 30 s to 4 min".</summary>
    private static string Range(PlanEstimate estimate) => string.Create(CultureInfo.InvariantCulture, $"about {Duration(estimate.Seconds)}, {Duration(estimate.Low)} to {Duration(estimate.High)}");

    private static string Duration(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Ceiling(seconds));
        if (time.TotalHours >= 1) return string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min");
        return time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s") : string.Create(CultureInfo.InvariantCulture, $"{time.Seconds} s");
    }
}
