using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Tests.Reports;

/// <summary>Synthetic results that look like training: deterministic, without a trainer.</summary>
internal static class ResultsFixture
{
    private const double Baseline = 1.0 / 6;

    /// <summary>3 cells × 2 lengths × 5 seeds; one RNN seed diverged, one GRU seed failed.</summary>
    public static ExperimentResults Typical { get; } = Make(["rnn", "lstm", "gru"], [20, 50], 5, (cell, length, seed) => (cell, length, seed) switch
    {
        ("rnn", 50, 3) => TrialState.Diverged,
        ("gru", 20, 2) => TrialState.Failed,
        _ => TrialState.Completed,
    });

    public static ExperimentResults OneSeed { get; } = Make(["rnn", "lstm", "gru"], [20], 1);

    public static ExperimentResults OneCell { get; } = Make(["lstm"], [20, 50], 3);

    public static ExperimentResults NothingFinished { get; } = Make(["rnn", "lstm"], [20], 3, (_, _, _) => TrialState.Pending);

    public static ExperimentResults AllDiverged { get; } = Make(["rnn", "gru"], [20], 3, (_, _, _) => TrialState.Diverged);

    /// <summary>10 lengths × 3 cells × 34 seeds.</summary>
    public static ExperimentResults ManyTrials { get; } = Make(["rnn", "lstm", "gru"], [10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 34);

    /// <summary>Names that try to leave the place where they are written.</summary>
    public static ExperimentResults Hostile { get; } = Typical with
    {
        Name = "</script><script>alert(1)</script> \u05e9\u05dc\u05d5\u05dd \u202eevil 🧪 " + new string('x', 300),
        Question = "<img src=x onerror=alert(1)> & \"quotes\" 'n' all?",
        SpecText = "name: </code></pre><script>alert(2)</script>\u2028\n# --> ]]>",
        SpecPath = "dir/</title>.yaml",
        ReproduceCommand = "./harness run '</pre><b>'",
        Conditions =
        [
            .. Typical.Conditions.Select(c => c with
            {
                Label = $"</td><script>alert({c.Ordinal.ToString(CultureInfo.InvariantCulture)})</script> 🧪{new string('é', 120)}",
                Factors = c.Factors.ToDictionary(f => f.Key, f => f.Key == "cell" ? f.Value : f.Value + "</text><script>", StringComparer.Ordinal),
                Trials = [.. c.Trials.Select(t => t with { Worker = "\"><script>", Failure = t.Failure is null ? null : "</script><!--" })],
            }),
        ],
    };

    public static ExperimentResults Make(
        IReadOnlyList<string> cells, IReadOnlyList<int> lengths, int seeds, Func<string, int, int, TrialState>? state = null)
    {
        var conditions = new List<ConditionResults>();
        foreach (var length in lengths)
            foreach (var cell in cells)
                conditions.Add(Condition(conditions.Count, cell, length, lengths.Count > 1, cells.Count > 1, seeds, state ?? ((_, _, _) => TrialState.Completed)));
        var pending = conditions.SelectMany(c => c.Trials).Any(t => !t.State.IsTerminal());
        return new(
            Id: "exp-7f3a", Name: "adding-problem", Question: "How far back can each cell remember?",
            SpecText: "version: 1\nname: adding-problem\nquestion: How far back can each cell remember?\ntask: { kind: adding }\nmatrix:\n  cell: [rnn, lstm, gru]\n  length: [20, 50]\nseeds: { count: 5 }\n",
            SpecPath: "Experiments/catalog/adding-problem.yaml", SpecDigest: "5b1c9f60a7d24e3f8c1b0a9d8e7f6a5b", Overrides: [],
            SubmittedAt: new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero),
            FinishedAt: pending ? null : new DateTimeOffset(2026, 11, 20, 9, 14, 30, TimeSpan.Zero),
            ReproduceCommand: "./harness run Experiments/catalog/adding-problem.yaml", HarnessVersion: "0.1.0",
            Conditions: conditions,
            Environments:
            [
                new("0.1.0", "Debian GNU/Linux 12", ".NET 10.0.1", "0.107.0", "2.10.0", "package, patched copy", "Example CPU @ 2.40 GHz, AVX2", 2, ["cpu"], 1, FlushesSubnormals: true),
            ]);
    }

    private static ConditionResults Condition(
        int ordinal, string cell, int length, bool lengthVaries, bool cellVaries, int seeds, Func<string, int, int, TrialState> state)
    {
        var factors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (cellVaries) factors["cell"] = cell;
        if (lengthVaries) factors["length"] = length.ToString(CultureInfo.InvariantCulture);
        var definition = CellCatalog.Get(cell);
        var parameters = definition.CountParameters(2, 32, 1, false);
        var trials = Enumerable.Range(1, seeds).Select(seed => Trial(cell, length, seed, state(cell, length, seed), parameters)).ToList();
        return new(ordinal, lengthVaries ? $"{cell} T={length}" : cell, factors, Spec(cell, length, 1), parameters, parameters + 33, trials)
        {
            Sample = new(length, length, [2, length / 2], [length - 1], 2, [.. Enumerable.Range(0, length).SelectMany(step => new[] { step % 7 / 7f, step == 2 || step == length / 2 ? 1f : 0f })], Values: [(2 % 7 + length / 2 % 7) / 7f]),
        };
    }

    private static TrialSpec Spec(string cell, int length, long seed) => new(
        TrialSpec.RevisionOf(KernelPath.Library),
        new("adding", length, new ParameterSet([new("markers", "anywhere")])),
        new(cell, KernelPath.Library, 32, 1, false, cell == "rnn" ? "tanh" : null, InitKind.Default),
        new(1000, 32, new(OptimizerKind.Adam, 1e-3), 1.0),
        new(50, 500), new([ProbeMoment.Init, ProbeMoment.Middle, ProbeMoment.End], 32), null, Precision.Float32, DeviceKind.Cpu, seed);

    private static TrialResult Trial(string cell, int length, int seed, TrialState state, long parameters)
    {
        var id = TrialIdentity.Of(Spec(cell, length, seed));
        if (!state.HasResult())
        {
            return new(id, seed, state, null, state == TrialState.Failed ? 2 : 0,
                state == TrialState.Failed ? "The trainer process ended with exit code 137 (killed)." : null, null, null,
                new Dictionary<string, MetricSeries>(StringComparer.Ordinal), []);
        }

        var noise = new Noise((uint)(cell[0] * 7919 + length * 104729 + seed * 1299709));
        // The step around which this seed leaves the plateau; an RNN never does at length 50.
        var leaves = cell switch { "rnn" => length > 20 ? 5000 : 700, "lstm" => 300 + 6 * length, _ => 200 + 4 * length } + noise.Next() * 120;
        var diverges = state == TrialState.Diverged ? 430 : int.MaxValue;
        var steps = new List<int>();
        var values = new List<float>();
        for (var step = 0; step <= 1000 && step <= diverges; step += 50)
        {
            steps.Add(step);
            var plateau = Baseline * (1.02 + 0.04 * noise.Next()) + (step == 0 ? 0.3 : 0);
            var solved = 0.0015 * (1 + Math.Abs(noise.Next()));
            var share = 1 / (1 + Math.Exp((step - leaves) / 40.0));
            values.Add((float)(solved + (plateau - solved) * share));
        }

        var target = state == TrialState.Diverged ? -1 : values.FindIndex(v => v < 0.01f);
        var milliseconds = (cell switch { "rnn" => 1.1, "lstm" => 2.3, _ => 3.4 } + 0.1 * noise.Next()) * length / 20;
        var outcome = new TrialOutcome
        {
            Kind = state == TrialState.Diverged ? OutcomeKind.Diverged : OutcomeKind.Completed,
            Steps = state == TrialState.Diverged ? diverges : 1000,
            FinalLoss = state == TrialState.Diverged ? null : values[^1],
            BestLoss = values.Min(),
            BaselineLoss = Baseline,
            Solved = target >= 0,
            StepsToTarget = target >= 0 ? steps[target] : null,
            SecondsToTarget = target >= 0 ? steps[target] * milliseconds / 1000 : null,
            DivergedAtStep = state == TrialState.Diverged ? diverges : null,
            Parameters = parameters,
            ParametersTotal = parameters + 33,
            MillisecondsPerStep = milliseconds,
            SequencesPerSecond = 32000 / milliseconds,
            TrainSeconds = milliseconds,
            EvaluationSeconds = 0.4,
            ProbeSeconds = 0.2,
            ClippedShare = 0.35,
        };
        return new(id, seed, state, outcome, 1, null, "cpu", "local-1",
            new Dictionary<string, MetricSeries>(StringComparer.Ordinal) { ["eval.loss"] = new([.. steps], [.. values]) },
            Gradients(cell, length, target >= 0, state, noise));
    }

    private static List<GradientProfile> Gradients(string cell, int length, bool solved, TrialState state, Noise noise)
    {
        var profiles = new List<GradientProfile>();
        foreach (var (moment, step) in new[] { (ProbeMoment.Init, 0), (ProbeMoment.Middle, 500), (ProbeMoment.End, 1000) })
        {
            if (state == TrialState.Diverged && step > 430) continue;
            foreach (var memory in CellCatalog.Get(cell).HasCellState ? new[] { "h", "c" } : ["h"])
            {
                var slope = moment == ProbeMoment.Init || !solved
                    ? cell switch { "rnn" => -0.21, "lstm" => -0.19, _ => -0.188 }
                    : memory == "c" ? -0.001 : -0.004;
                slope += 0.01 * noise.Next();
                var norms = Enumerable.Range(0, length).Select(lag => 0.2 * Math.Pow(10, slope * lag + 0.05 * noise.Next())).ToArray();
                profiles.Add(new(moment, step, memory, 0, false, norms, slope, slope < 0 ? Math.Log10(2) / -slope : null));
            }
        }

        return profiles;
    }

    /// <summary>Uniform on −1 … 1 from a linear congruential generator (Numerical Recipes' constants).</summary>
    private sealed class Noise(uint seed)
    {
        private uint state = seed;

        public double Next()
        {
            state = unchecked(state * 1664525 + 1013904223);
            return (state >> 8) / (double)(1 << 23) - 1;
        }
    }
}
