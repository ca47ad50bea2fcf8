using System.Globalization;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Scheduling.Stages;

/// <summary>
/// Finds choices at the edge of a search: better values may lie beyond it. A value is at the edge when none beyond it was tried and every point that is
/// about as good lies in the same outer third: its loss is within a tenth of the way from the best back to the baseline. A setting that does not matter is thus no edge: its good points lie everywhere.
/// An arm that learned at no point has no edge either: which of its points is best is chance.
/// </summary>
internal static class SearchEdges
{
    /// <summary>Scores within this share of the way to the baseline, or of the best where there is none, are about as good.</summary>
    private const double AboutAsGood = 0.1;

    /// <summary>A best loss of this share of the baseline or more is no learning, as for verdicts.</summary>
    private const double LearningFloor = 0.95;

    /// <summary>Fewer values than this have no inside.</summary>
    private const int FewestOrdered = 3;

    /// <param name="tried">The points that have a result. A point that pruning stopped counts: it was tried, and others were better.</param>
    public static IReadOnlyList<SearchEdge> Of(TuningSpec tuning, TunedArm arm, IReadOnlyList<double> scores, int chosen, IReadOnlyCollection<int> tried, double? baseline)
    {
        if (double.IsInfinity(scores[chosen]) || scores[chosen] >= LearningFloor * baseline) return [];
        var study = tuning.StudyOf(chosen);
        var points = Enumerable.Range(study * tuning.Trials, tuning.Trials).Where(tried.Contains).ToArray();
        var good = Array.FindAll(points, point => scores[point] <= scores[chosen] + (AboutAsGood * (baseline > scores[chosen] ? baseline.Value - scores[chosen] : Math.Abs(scores[chosen]))));
        var edges = new List<SearchEdge>();
        for (var at = 0; at < arm.Settings.Count; at++)
        {
            if (PlacesOf(arm.Settings[at]) is not { } placeOf) continue;
            var place = placeOf(arm.Points[chosen][at]);
            var isLow = good.All(point => placeOf(arm.Points[point][at]) <= 1.0 / 3) && points.All(point => placeOf(arm.Points[point][at]) >= place);
            var isHigh = good.All(point => placeOf(arm.Points[point][at]) >= 2.0 / 3) && points.All(point => placeOf(arm.Points[point][at]) <= place);
            if (isLow || isHigh) edges.Add(new(arm.Settings[at].Name, isLow, arm.Points[chosen][at], Wider(arm.Settings[at], isLow)));
        }

        return edges;
    }

    /// <summary>Where in the search a value lies, from 0 to 1; null for values without an order.</summary>
    private static Func<string, double>? PlacesOf(TunedSetting setting)
    {
        switch (setting.Scale)
        {
            case TunedScale.Log:
                return value => Math.Log(Number(value) / setting.Low!.Value) / Math.Log(setting.High!.Value / setting.Low.Value);
            case TunedScale.Linear:
                return value => (Number(value) - setting.Low!.Value) / (setting.High!.Value - setting.Low.Value);
            default:
                // Words among the values, such as none, have no place between numbers.
                if (setting.Values!.Count < FewestOrdered || !setting.Values.All(value => double.TryParse(value, CultureInfo.InvariantCulture, out _))) return null;
                var ordered = setting.Values.OrderBy(Number).ToArray();
                return value => Array.IndexOf(ordered, value) / (ordered.Length - 1.0);
        }
    }

    private static string Wider(TunedSetting setting, bool isLow)
    {
        var (low, high) = setting.Scale == TunedScale.Values ? (setting.Values!.Min(Number), setting.Values!.Max(Number)) : (setting.Low!.Value, setting.High!.Value);
        var beyond = setting.Scale == TunedScale.Linear ? (isLow ? low - ((high - low) / 2) : high + ((high - low) / 2)) : isLow ? low / 10 : high * 10;
        var text = beyond.ToString("G4", CultureInfo.InvariantCulture);
        return setting.Scale switch
        {
            TunedScale.Values => $"{setting.Name}: {text} {(isLow ? "below" : "above")} the values tried",
            var scale => string.Create(CultureInfo.InvariantCulture, $"{setting.Name}: {{ {(scale == TunedScale.Log ? "log" : "linear")}: [{(isLow ? beyond : low):G4}, {(isLow ? high : beyond):G4}] }}"),
        };
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
