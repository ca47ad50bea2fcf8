using System.Globalization;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Tests.Reports;

namespace Harness.Benchmarks;

/// <summary>How the values of seeds scatter. All arms scatter alike; a seed's difficulty is shared, as equal data make it.</summary>
internal enum Scatter
{
    Normal,

    /// <summary>Student's t with two degrees of freedom, in the logarithm.</summary>
    HeavyTails,

    /// <summary>One seed in ten ends e² times as high.</summary>
    Mixture,

    /// <summary>Values on a coarse grid.</summary>
    Ties,

    /// <summary>One seed in ten diverges.</summary>
    Diverged,
}

/// <param name="LogLoss">How much smaller ln loss is.</param>
/// <param name="Accuracy">How much higher.</param>
/// <param name="LogTime">How much sooner the target is reached, ln.</param>
/// <param name="Share">Share of seeds that reach the target.</param>
/// <param name="Slope">How much flatter the gradient's slope.</param>
/// <param name="Failing">Share of seeds whose loss ends e^2.7 times as high instead.</param>
internal sealed record PlantedEffect(double LogLoss = 0, double Accuracy = 0, double LogTime = 0, double Share = SimulatedArms.Share, double Slope = 0, double Failing = 0);

/// <summary>Three cells at three lengths, trained in no time: equal in truth but for an effect planted in the LSTM.</summary>
internal static class SimulatedArms
{
    /// <summary>True medians, to ask thresholds of that no arm is above or below.</summary>
    public const double Loss = 0.02, Accuracy = 0.8, Share = 0.6, Slope = -0.1;

    private const int Steps = 1000, Grid = 50;

    private static readonly ExperimentResults Template = ResultsFixture.Make(["rnn", "lstm", "gru"], [20, 50, 100], 1);

    /// <summary>Standard deviation of ln loss within a seed's difficulty, and of the difference of two arms with the same seed.</summary>
    public const double LossNoise = 0.29, PairSpread = LossNoise * 1.4142135623730951;

    /// <param name="noise">See <see cref="LossNoise"/>.</param>
    public static List<ConditionResults> Of(int family, int seeds, Scatter scatter, PlantedEffect planted, double noise = LossNoise)
    {
        var shared = new Draws((ulong)(family * 7919L + seeds));
        var difficulty = Enumerable.Range(0, seeds).Select(_ => shared.Normal()).ToList();
        return [.. Template.Conditions.Select((condition, arm) =>
        {
            var draws = new Draws((ulong)(family * 104729L + seeds * 31 + arm + 1));
            var effect = condition.Trial.Model.Cell == "lstm" ? planted : new();
            return condition with { Trials = [.. Enumerable.Range(1, seeds).Select(seed => Trial(condition.Trials[0], arm, seed, difficulty[seed - 1], scatter, effect, draws, noise))] };
        })];
    }

    private static TrialResult Trial(TrialResult trial, int arm, int seed, double difficulty, Scatter scatter, PlantedEffect effect, Draws draws, double lossNoise)
    {
        var diverged = scatter == Scatter.Diverged && draws.Uniform() < 0.1;
        var fails = effect.Failing > 0 && draws.Uniform() < effect.Failing;
        var loss = Loss * Math.Exp(0.4 * difficulty + Noise(lossNoise) - (fails ? -2.7 : effect.LogLoss));
        var accuracy = Math.Clamp(Accuracy + 0.02 * difficulty + Noise(0.03) + effect.Accuracy, 0, 1);
        var slope = Slope + 0.01 * difficulty + Noise(0.01) + effect.Slope;
        var solved = !diverged && draws.Uniform() < effect.Share;
        var time = (1 + draws.Uniform() * (Steps - 1)) * Math.Exp(-effect.LogTime);
        if (scatter == Scatter.Ties) (loss, accuracy, slope) = (0.005 * Math.Max(1, Math.Round(loss / 0.005)), Math.Round(accuracy, 1), Math.Round(slope, 2));
        return trial with
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{arm}-{seed}"),
            Seed = seed,
            State = diverged ? TrialState.Diverged : TrialState.Completed,
            Outcome = trial.Outcome! with
            {
                FinalLoss = diverged ? null : loss,
                BestLoss = loss,
                FinalAccuracy = accuracy,
                Solved = solved,
                StepsToTarget = solved ? Grid * (int)Math.Ceiling(time / Grid) : null,
            },
            Gradients = [.. diverged ? [] : trial.Gradients.Where(profile => profile.Moment == ProbeMoment.End).Select(profile => profile with { Slope = slope })],
        };

        double Noise(double spread) => spread * (scatter switch
        {
            Scatter.HeavyTails => draws.Normal() / Math.Sqrt(-Math.Log(1 - draws.Uniform())),
            Scatter.Mixture => draws.Uniform() < 0.1 ? 2 / spread * Math.Abs(draws.Normal()) : draws.Normal(),
            _ => draws.Normal(),
        });
    }
}
