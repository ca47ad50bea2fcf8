using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Formatting;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>
/// What to use for a person's data, in words: the network that is best on the validation part, where it beats the baseline on the test part beyond chance, else the baseline, which costs
/// nothing. Network and baseline are both chosen on the validation part, so the test part judges a choice that it did not make.
/// </summary>
public static class Recommendation
{
    /// <summary>What to use, file by file and length by length; empty for generated tasks.</summary>
    /// <param name="language">A word of <see cref="ReportLanguages"/>; null for the language that the experiment file asks for.</param>
    public static IReadOnlyList<string> Of(ExperimentResults results, string? language = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        var texts = Texts.In(language ?? results.Report.Language);
        return [.. OwnData.Groups(results.Conditions, texts).Select(group => Of(group, texts)).OfType<string>()];
    }

    /// <summary>The sentence; null while no network has a result on the test part.</summary>
    internal static string? Of(DataGroup group, Texts texts)
    {
        if (group.Network is not { } network || group.Baselines.Count == 0 || Evidence.Of(group, network) is not { } evidence) return null;
        var (baseline, measure) = (texts.BaselineName(group.Baselines[0]), texts.ExpectedMeasure(group.Question, group.Target));
        var compared = new RecommendedText(
            group.Title, texts.NetworkOfSize(network.Trial.Model, network.Label), baseline, measure,
            Told(group, evidence.Network), evidence.Interval is { } interval ? texts.IntervalOf(Told(group, interval.Low), Told(group, interval.High), evidence.Seeds) : null, Told(group, evidence.Baseline));
        return evidence.Outcome switch
        {
            > 0 => texts.TakeNetwork(compared, Numbers.Count(network.ParametersTotal), Numbers.Short(Seconds(network))),
            < 0 => texts.TakeBaseline(compared),
            _ => texts.TakeBaselineOfTie(compared),
        };
    }

    private static string Told(DataGroup group, double value) => group.Question == DataQuestions.Class ? DataGroup.Share(value) : Numbers.Short(value);

    private static double Seconds(ConditionResults network) => Quantiles.Median([.. network.Trials.Where(trial => trial.Outcome is not null).Select(trial => trial.Outcome!.TrainSeconds)]);

    /// <summary>How network and baseline compare on the test part.</summary>
    /// <param name="Outcome">1 where the network wins beyond chance, −1 where the baseline does, 0 where neither does.</param>
    /// <param name="Network">The network's expected measure.</param>
    /// <param name="Interval">Its 95 % interval; null with too few seeds for one.</param>
    internal sealed record Evidence(int Outcome, double Network, (double Low, double High)? Interval, double Baseline, int Seeds)
    {
        public static Evidence? Of(DataGroup group, ConditionResults network) => OfAnswers(group, network) ?? OfSeeds(group, network);

        /// <summary>From the stored answers: errors of the same windows, seed by seed.</summary>
        private static Evidence? OfAnswers(DataGroup group, ConditionResults network)
        {
            var name = group.Baselines[0].Name;
            List<PredictedAnswers> seeds = [.. network.Trials.Where(trial => trial.State == TrialState.Completed).Select(trial => trial.Test?.Answers).OfType<PredictedAnswers>().Where(answers => answers.Baseline == name)];
            if (seeds.Count == 0 || 2 * seeds.Count < network.Trials.Count(trial => trial.State.HasResult())) return null;
            var isClass = group.Question == DataQuestions.Class;
            double[][] errors = [.. seeds.Select(seed => Errors(seed, seed.Predicted))], rivals = [.. seeds.Select(seed => Errors(seed, seed.BaselinePredicted))];
            if (errors[0].Length < 2 || errors.Any(seed => seed.Length != errors[0].Length || !seed.All(double.IsFinite))) return null;
            var areIndependent = group.HasWholeSeries;
            var advantage = new BlockBootstrap([.. errors.Zip(rivals, (own, rival) => (double[])[.. rival.Zip(own, (other, mine) => other - mine)])], areIndependent).Interval();
            var expected = new BlockBootstrap(errors, areIndependent);
            return new(SeedsAgree(advantage.Low > 0 ? 1 : advantage.High < 0 ? -1 : 0), Measure(expected.Mean), Interval(), Measure(rivals.Average(seed => seed.Average())), seeds.Count);

            double Measure(double error) => isClass ? 1 - error : Math.Sqrt(error);

            // A bootstrap over few seeds has too narrow an interval. What it finds must be so on the typical seed, too, as verdicts on the skill ask.
            int SeedsAgree(int outcome)
            {
                var typical = Location.Median([.. errors.Zip(rivals, (own, rival) => rival.Average() - own.Average())]);
                if (!typical.HasInterval) return outcome;
                return outcome > 0 ? (typical.Low > 0 ? 1 : 0) : outcome < 0 ? (typical.High < 0 ? -1 : 0) : 0;
            }

            // Where no answer is wrong, or none right, resampling knows no other: the exact interval of a share does.
            (double Low, double High) Interval()
            {
                if (!isClass || expected.Mean is > 0 and < 1) return expected.Interval(Measure);
                var exact = Proportions.Exact(expected.Mean > 0 ? 0 : expected.Independent, expected.Independent);
                return (exact.Low ?? 0, exact.High ?? 1);
            }

            // The answers of a sequence are one error: they share its past.
            double[] Errors(PredictedAnswers answers, float[] predicted) =>
                [.. answers.BySequence().Where(sequence => answers.Evaluated[sequence[0]]).Select(sequence => sequence.Average(index => isClass ? (predicted[index].Equals((float)answers.Truth[index]) ? 0.0 : 1) : Square(predicted[index] - answers.Truth[index])))];
        }

        private static double Square(double value) => value * value;

        /// <summary>From the test losses alone: the spread over seeds.</summary>
        private static Evidence? OfSeeds(DataGroup group, ConditionResults network)
        {
            double[] losses = [.. network.Trials.Select(trial => TrialMetrics.ValueOf(trial, MetricCatalog.TestLoss)).OfType<double>()];
            if (losses.Length == 0 || group.OfBaseline(MetricCatalog.BaselineOnTest(group.Baselines[0].Name)) is not { } baseline) return null;
            var median = Location.Median(losses);
            var hasInterval = median is { HasInterval: true, IsRange: false };
            var outcome = !hasInterval ? (median.Value < baseline ? 0 : -1) : median.High < baseline ? 1 : median.Low > baseline ? -1 : 0;
            if (group.Question == DataQuestions.Class || (group.Question == DataQuestions.Number && group.Card?.TargetDeviation is null)) return null;
            return new(outcome, Measure(median.Value), hasInterval ? (Measure(median.Low!.Value), Measure(median.High!.Value)) : null, Measure(baseline), losses.Length);

            double Measure(double loss) => group.Question == DataQuestions.Text ? loss / Math.Log(2) : Math.Sqrt(loss) * group.Card!.TargetDeviation!.Value;
        }
    }
}
