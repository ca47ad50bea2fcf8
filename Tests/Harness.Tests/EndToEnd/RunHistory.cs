using System.Globalization;

namespace Harness.Tests.EndToEnd;

/// <summary>What must hold of a database after any run, however it was disturbed.</summary>
internal static class RunHistory
{
    /// <summary>Everything that was found, wall times excepted.</summary>
    public static IReadOnlyList<string> Findings(TinyExperiment tiny, string data = "data") =>
    [
        .. tiny.Rows("SELECT t.hash, m.name, k.first_step, k.stride, k.points FROM metric_chunk k JOIN trial t ON t.id = k.trial_id JOIN metric m ON m.id = k.metric_id ORDER BY 1, 2, 3", data),
        .. tiny.Rows("SELECT t.hash, g.moment, g.step, g.state, g.layer, g.norms FROM gradient_profile g JOIN trial t ON t.id = g.trial_id ORDER BY 1, 2, 3, 4, 5", data),
        .. tiny.Rows("SELECT hash, state, steps, final_loss, best_loss, final_accuracy, solved, steps_to_target FROM trial ORDER BY 1", data),
    ];

    /// <summary>How experiments grew: on what, what was decided, and the trials of every stage.</summary>
    public static IReadOnlyList<string> Decisions(TinyExperiment tiny, string data = "data") =>
    [
        .. tiny.Rows("SELECT e.name, d.ordinal, d.stage, d.known, d.decided, d.why, d.next, d.goes_on, d.added FROM decision d JOIN experiment e ON e.id = d.experiment_id ORDER BY 1, 2", data),
        .. tiny.Rows("SELECT e.name, et.ordinal, et.condition, et.stage, et.point, t.hash FROM experiment_trial et JOIN experiment e ON e.id = et.experiment_id JOIN trial t ON t.id = et.trial_id WHERE e.stages IS NOT NULL ORDER BY 1, 2", data),
    ];

    /// <summary>The attempts that have lost their lease, and how many points each has stored.</summary>
    public static IReadOnlyDictionary<string, long> Lost(TinyExperiment tiny) => tiny.Rows(
        """
        SELECT a.trial_id, a.number, a.worker, a.ended_at, a.device, a.resumed_from_step, a.checkpoint_step,
               (SELECT coalesce(sum(k.count), 0) FROM metric_chunk k WHERE k.trial_id = a.trial_id AND k.attempt = a.number)
        FROM attempt a WHERE a.ending = 'lease_lost'
        """).Select(row => row.Split('|')).ToDictionary(row => string.Join('|', row[..^1]), row => long.Parse(row[^1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    /// <summary>Nothing was taken in that was said after the loss. What a later attempt measures again takes the place of what was there.</summary>
    public static void CheckLost(TinyExperiment tiny, IReadOnlyDictionary<string, long> before)
    {
        var now = Lost(tiny);
        foreach (var (attempt, points) in before) now.GetValueOrDefault(attempt, long.MaxValue).ShouldBeLessThanOrEqualTo(points, attempt);
    }

    /// <summary>Every trial has ended once; attempts are numbered without gaps; nothing runs; no value was computed twice differently; the file is sound.</summary>
    public static void Check(TinyExperiment tiny, string data = "data")
    {
        tiny.Count("SELECT count(*) FROM trial WHERE state NOT IN ('completed', 'diverged')", data).ShouldBe(0, data);
        tiny.Count("SELECT count(*) FROM trial t WHERE (SELECT count(*) FROM attempt a WHERE a.trial_id = t.id AND a.ending IN ('completed', 'early_stopped', 'diverged')) <> 1", data).ShouldBe(0, data);
        tiny.Count("SELECT count(*) FROM trial t WHERE t.attempts <> (SELECT count(*) FROM attempt a WHERE a.trial_id = t.id) OR t.attempts <> (SELECT max(number) FROM attempt a WHERE a.trial_id = t.id)", data).ShouldBe(0, data);
        tiny.Count("SELECT count(*) FROM attempt WHERE state = 'running'", data).ShouldBe(0, data);
        tiny.Count("SELECT count(*) FROM event WHERE kind IN ('nondeterminism', 'measurements_refused')", data).ShouldBe(0, data);
        // Every step of every trial has its point, once.
        tiny.Count("SELECT count(*) FROM trial t WHERE t.steps <> (SELECT sum(k.count) FROM metric_chunk k JOIN metric m ON m.id = k.metric_id WHERE k.trial_id = t.id AND m.name = 'train.loss')", data).ShouldBe(0, data);
        tiny.Rows("PRAGMA integrity_check", data).ShouldBe(["ok"]);
    }
}
