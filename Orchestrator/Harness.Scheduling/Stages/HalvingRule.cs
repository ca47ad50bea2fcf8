using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Scheduling.Stages;

/// <summary>Names the points that go on to the next rung of a search: in each study the best ones of every arm, the same number for all arms.</summary>
internal static class HalvingRule
{
    /// <param name="rung">The rung whose trials have results, from 0.</param>
    /// <param name="known">See <see cref="StageDecision.Known"/>.</param>
    /// <param name="scores">By arm and point, smaller is better; +∞ for points that were pruned before.</param>
    /// <param name="specOf">The spec of a trial on this rung, by condition and point.</param>
    public static StageStep Next(StageState state, TuningSpec tuning, HalvingSpec halving, int rung, string known, IReadOnlyList<IReadOnlyList<double>> scores, Func<(int Condition, int Point), TrialSpec> specOf)
    {
        var (alive, kept) = (halving.PointsOf(rung, tuning.Trials), halving.PointsOf(rung + 1, tuning.Trials));
        var choices = tuning.Arms.Select((_, index) => new NextPoints(index, [.. Enumerable.Range(0, tuning.Studies).SelectMany(study => Best(tuning, study, scores[index], kept))])).ToArray();
        var places = tuning.Arms.SelectMany((arm, index) => choices[index].Points.SelectMany(point => arm.Conditions.Select(condition => (Condition: condition, Point: point))))
            .OrderBy(place => place.Point).ThenBy(place => place.Condition).ToLookup(place => tuning.StudyOf(place.Point));
        var added =
            from study in Enumerable.Range(0, tuning.Studies)
            from seed in tuning.SeedsOf(study)
            from place in places[study]
            let spec = specOf(place)
            let train = spec.Train with { Steps = halving.StepsOf(rung + 1, state.Conditions[place.Condition].Train.Steps) }
            select new AddedTrial(place.Condition, spec with { Seed = seed, Train = train }, StageNames.Tuning, place.Point);
        var share = halving.PartOf(rung + 1) is > 1 and var part ? string.Create(CultureInfo.InvariantCulture, $"for 1/{part} of the steps") : "in full";
        return new StageStep(
            StageNames.Tuning, known, JsonSerializer.Serialize(choices, HarnessJson.Default.IReadOnlyListNextPoints),
            string.Create(CultureInfo.InvariantCulture, $"The best {kept} of {alive} points of each arm{(tuning.Studies == 1 ? "" : " and study")} are trained {share}."),
            StageNames.Tuning, GoesOn: true, new Dictionary<int, TrialSpec>(), [.. added]);
    }

    /// <summary>Of equal points, and of points that all diverged, those that were drawn first.</summary>
    private static IEnumerable<int> Best(TuningSpec tuning, int study, IReadOnlyList<double> scores, int kept) =>
        Enumerable.Range(study * tuning.Trials, tuning.Trials).OrderBy(point => scores[point]).ThenBy(point => point).Take(kept).Order();
}
