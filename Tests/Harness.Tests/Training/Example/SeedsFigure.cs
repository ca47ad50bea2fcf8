using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Model;
using Harness.Reports.Wording;

namespace Harness.Tests.Training.Example;

/// <summary>The final loss of every seed, one arm beside the other.</summary>
internal static class SeedsFigure
{
    public const string Id = "fig-seeds";

    private const int Width = 400, Height = 260;

    /// <summary>The figure, or null where nothing has finished.</summary>
    public static FigureModel? Build(IReadOnlyList<Facet> facets, Texts texts, int number)
    {
        List<(Arm Arm, List<double> Losses)> known = [.. facets.SelectMany(facet => facet.Arms).Select(arm => (arm, LossesOf(arm))).Where(arm => arm.Item2.Count > 0)];
        if (known.Count == 0) return null;
        var best = known.MinBy(arm => arm.Losses.Min());
        var caption = texts.Language.StartsWith("zh", StringComparison.Ordinal) ? $"最小的最终损失属于 {best.Arm.Condition.Label}。" : $"The smallest final loss is of {best.Arm.Condition.Label}.";
        double[] all = [.. known.SelectMany(arm => arm.Losses).Select(Math.Log10)];
        var panel = new Panel($"{Id}-1", texts.FinalLoss, caption, Width, Height,
            AxisScale.Linear("", -0.5, known.Count - 0.5), AxisScale.Logarithmic(texts.FinalLoss, all.Min() - 0.1, all.Max() + 0.1),
            [.. known.Select((arm, place) => new PanelSeries(arm.Arm.Key, arm.Arm.Style, [], null, [.. arm.Losses.Select(loss => new PanelMark(arm.Arm.Style.Marker, place, Math.Log10(loss)))], arm.Arm.Label))], [], []);
        var table = new Table($"{Id}-table", caption, [new(texts.Condition), new(texts.FinalLoss, true)],
            [.. known.SelectMany(arm => arm.Losses, (arm, loss) => new TableRow(null, [new(arm.Arm.Condition.Label), TableCell.Of(loss)]))]);
        return new(Id, number, texts.FinalLoss, caption, [new("", panel, [])], table, [], []);
    }

    private static List<double> LossesOf(Arm arm) => [.. arm.Condition.Trials.Select(TrialStatistics.FinalLossOf).OfType<double>().Where(loss => loss > 0 && double.IsFinite(loss))];
}
