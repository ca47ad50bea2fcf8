using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Writes what timing trials found as rows that people read, and reads them back.</summary>
internal sealed class TimingStore(SqliteConnection connection)
{
    /// <summary>Whether a trial measures time.</summary>
    public bool IsTiming(string trial) => connection.Scalar<string?>("SELECT kind FROM trial WHERE hash = $trial", ("$trial", trial)) == "timing";

    /// <summary>Stores the result of a trial that has just ended.</summary>
    /// <param name="worker">Whose machine it was measured on.</param>
    public void Write(string trial, string worker, TimingResult result)
    {
        var (id, spec) = connection.Query("SELECT id, spec FROM trial WHERE hash = $trial", row => (row.Long("id"), JsonSerializer.Deserialize(row.Text("spec"), HarnessJson.Default.TrialSpec)!.Timing!), ("$trial", trial)).Single();
        connection.Execute(
            """
            INSERT INTO timing_run (trial_id, machine, seconds, rounds, calibration_ms, matmul_gflops, multiply_add_gflops, other_cores, peak_bytes)
            VALUES ($id, coalesce((SELECT host FROM worker WHERE id = $worker), $worker), $seconds, $rounds, $calibration, $matmul, $peak, $others, $bytes)
            """,
            ("$id", id), ("$worker", worker), ("$seconds", result.Seconds), ("$rounds", result.CalibrationMs.Length), ("$calibration", Median(result.CalibrationMs)),
            ("$matmul", Median(result.MatmulGflops)), ("$peak", Median(result.MultiplyAddGflops)), ("$others", result.OtherCores), ("$bytes", result.PeakBytes));
        for (var round = 0; round < result.CalibrationMs.Length; round++)
        {
            connection.Execute("INSERT INTO timing_machine_round VALUES ($id, $round, $calibration, $matmul, $peak)",
                ("$id", id), ("$round", round + 1), ("$calibration", result.CalibrationMs[round]), ("$matmul", result.MatmulGflops[round]), ("$peak", result.MultiplyAddGflops[round]));
        }

        for (var arm = 0; arm < result.Arms.Count; arm++) Write(id, arm, spec.Arms[arm], result.Arms[arm]);
    }

    /// <summary>The timing trials of an experiment, in running order.</summary>
    public IReadOnlyList<TimedTrial> Read(long experiment)
    {
        var rounds = connection.Query(
            """
            SELECT trial_id, arm, ms, cpu_ms, data_ms, forward_ms, backward_ms, update_ms FROM timing_round
            WHERE trial_id IN (SELECT trial_id FROM experiment_trial WHERE experiment_id = $id) ORDER BY trial_id, arm, round
            """,
            row => (Arm: (row.Long("trial_id"), row.Int("arm")), Of: new Round(row.Number("ms"), row.Number("cpu_ms"), row.Number("data_ms"), row.Number("forward_ms"), row.Number("backward_ms"), row.Number("update_ms"))),
            ("$id", experiment)).ToLookup(round => round.Arm, round => round.Of);
        var machine = connection.Query(
            "SELECT trial_id, calibration_ms, matmul_gflops, multiply_add_gflops FROM timing_machine_round WHERE trial_id IN (SELECT trial_id FROM experiment_trial WHERE experiment_id = $id) ORDER BY trial_id, round",
            row => (Trial: row.Long("trial_id"), Of: new MachineRound(row.Number("calibration_ms"), row.Number("matmul_gflops"), row.Number("multiply_add_gflops"))), ("$id", experiment)).ToLookup(round => round.Trial, round => round.Of);
        var arms = connection.Query(
            "SELECT trial_id, arm, steps_per_round, flops_per_step, tokens_per_step, joules_per_step FROM timing_arm WHERE trial_id IN (SELECT trial_id FROM experiment_trial WHERE experiment_id = $id) ORDER BY trial_id, arm",
            row =>
            {
                var of = rounds[(row.Long("trial_id"), row.Int("arm"))].ToArray();
                return (Trial: row.Long("trial_id"), Timing: new ArmTiming(
                    row.Int("steps_per_round"), row.Number("flops_per_step"), row.Number("tokens_per_step"),
                    StepMs: [.. of.Select(round => round.Ms)], CpuMs: [.. of.Select(round => round.CpuMs)], DataMs: [.. of.Select(round => round.DataMs)],
                    ForwardMs: [.. of.Select(round => round.ForwardMs)], BackwardMs: [.. of.Select(round => round.BackwardMs)], UpdateMs: [.. of.Select(round => round.UpdateMs)],
                    row.DoubleOrNull("joules_per_step")));
            },
            ("$id", experiment)).ToLookup(arm => arm.Trial, arm => arm.Timing);
        return connection.Query(
            """
            SELECT t.id, t.hash, t.spec, t.state, t.failure, coalesce(r.machine, w.host) AS machine, json_extract(v.record, '$.processor') AS processor, r.seconds, r.other_cores, r.peak_bytes, r.rounds
            FROM experiment_trial et JOIN trial t ON t.id = et.trial_id LEFT JOIN timing_run r ON r.trial_id = t.id
            LEFT JOIN worker w ON w.id = t.worker LEFT JOIN environment v ON v.id = w.environment_id
            WHERE et.experiment_id = $id AND t.kind = 'timing' ORDER BY et.ordinal
            """,
            row =>
            {
                var found = machine[row.Long("id")].ToArray();
                return new TimedTrial(
                    row.Text("hash"), JsonSerializer.Deserialize(row.Text("spec"), HarnessJson.Default.TrialSpec)!.Timing!, ExperimentStore.StateOf(row.Text("state")), row.TextOrNull("failure"), row.TextOrNull("machine"), row.TextOrNull("processor"),
                    row.LongOrNull("rounds") is null ? null : new TimingResult(
                        row.Number("seconds"), [.. found.Select(round => round.CalibrationMs)], [.. found.Select(round => round.MatmulGflops)], [.. found.Select(round => round.MultiplyAddGflops)],
                        row.DoubleOrNull("other_cores"), row.LongOrNull("peak_bytes"), [.. arms[row.Long("id")]]));
            },
            ("$id", experiment));
    }

    private void Write(long trial, int arm, TimingArm spec, ArmTiming timing)
    {
        var (step, ms) = (spec.Step, Median(timing.StepMs));
        var ordered = Quantiles.Sorted(timing.StepMs);
        connection.Execute(
            """
            INSERT INTO timing_arm (trial_id, arm, step, cell, kernel, threads, task, length, hidden, layers, bidirectional, batch, optimizer, dtype, device,
                                    ms_per_step, ms_quartile_1, ms_quartile_3, ms_least, ms_most, cpu_ms, data_ms, forward_ms, backward_ms, update_ms,
                                    sequences_per_second, tokens_per_second, flops_per_step, tokens_per_step, steps_per_round, joules_per_step)
            VALUES ($trial, $arm, $step, $cell, $kernel, $threads, $task, $length, $hidden, $layers, $bidirectional, $batch, $optimizer, $dtype, $device,
                    $ms, $quartile1, $quartile3, $least, $most, $cpu, $data, $forward, $backward, $update, $sequences, $tokens, $flops, $tokens_per_step, $steps, $joules)
            """,
            ("$trial", trial), ("$arm", arm), ("$step", spec.Id), ("$cell", step.Model.Cell), ("$kernel", ExperimentStore.Word(step.Model.Kernel)), ("$threads", spec.Threads),
            ("$task", step.Task.Kind), ("$length", step.Task.Length), ("$hidden", step.Model.Hidden), ("$layers", step.Model.Layers), ("$bidirectional", step.Model.Bidirectional),
            ("$batch", step.Train.Batch), ("$optimizer", ExperimentStore.Word(step.Train.Optimizer.Kind)), ("$dtype", ExperimentStore.Word(step.Dtype)), ("$device", ExperimentStore.Word(step.Device)),
            ("$ms", ms), ("$quartile1", Quantile(ordered, 0.25)), ("$quartile3", Quantile(ordered, 0.75)), ("$least", ordered[0]), ("$most", ordered[^1]),
            ("$cpu", Median(timing.CpuMs)), ("$data", Median(timing.DataMs)), ("$forward", Median(timing.ForwardMs)), ("$backward", Median(timing.BackwardMs)), ("$update", Median(timing.UpdateMs)),
            ("$sequences", step.Train.Batch * 1000 / ms), ("$tokens", timing.TokensPerStep * 1000 / ms), ("$flops", timing.FlopsPerStep), ("$tokens_per_step", timing.TokensPerStep),
            ("$steps", timing.StepsPerRound), ("$joules", timing.JoulesPerStep));
        for (var round = 0; round < timing.StepMs.Length; round++)
        {
            connection.Execute("INSERT INTO timing_round VALUES ($trial, $arm, $round, $ms, $cpu, $data, $forward, $backward, $update)",
                ("$trial", trial), ("$arm", arm), ("$round", round + 1), ("$ms", timing.StepMs[round]), ("$cpu", timing.CpuMs[round]), ("$data", timing.DataMs[round]),
                ("$forward", timing.ForwardMs[round]), ("$backward", timing.BackwardMs[round]), ("$update", timing.UpdateMs[round]));
        }
    }

    private static double Median(double[] values) => Quantile(Quantiles.Sorted(values), 0.5);

    /// <summary>NaN sorts first; a time that is not a number must not look like a short one.</summary>
    private static double Quantile(double[] ordered, double probability) => double.IsNaN(ordered[0]) ? double.NaN : Quantiles.Quantile(ordered, probability);

    /// <summary>One arm's times of one round, in milliseconds per step.</summary>
    private sealed record Round(double Ms, double CpuMs, double DataMs, double ForwardMs, double BackwardMs, double UpdateMs);

    /// <summary>How fast the machine was in one round.</summary>
    private sealed record MachineRound(double CalibrationMs, double MatmulGflops, double MultiplyAddGflops);
}
