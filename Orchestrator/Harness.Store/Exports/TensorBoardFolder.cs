using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Harness.Abstractions.Results;
using Harness.Store.Exports.TensorBoard;

namespace Harness.Store.Exports;

/// <summary>A folder of TensorBoard's event files that grows with an experiment: a run for each trial, with its curves, and with factors and seed for the hparams plug-in.</summary>
/// <param name="folder">Gets a folder NUMBER-CONDITION/seed-N for each trial. Files of earlier exports are replaced.</param>
internal sealed class TensorBoardFolder(string folder)
{
    private const string HParams = "hparams", FilePrefix = "events.out.tfevents.";

    private readonly Dictionary<string, WrittenRun> runs = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The folder holds other people's files.</exception>
    public void CheckIsOurs()
    {
        if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).FirstOrDefault(file => !Path.GetFileName(file).StartsWith(FilePrefix, StringComparison.Ordinal)) is { } other)
            throw new IOException($"the folder holds other files, such as {Path.GetFileName(other)}.");
    }

    /// <summary>Appends what is new: points of running trials, and trials that started or ended.</summary>
    public void Update(ExperimentResults results)
    {
        foreach (var condition in results.Conditions)
        {
            foreach (var trial in condition.Trials.Where(trial => trial.Outcome is not null || trial.Metrics.Count > 0))
            {
                // One trial may belong to several conditions, each with a folder of its own.
                var key = string.Create(CultureInfo.InvariantCulture, $"{condition.Ordinal} {trial.Id}");
                if (!runs.TryGetValue(key, out var run)) runs[key] = run = new WrittenRun(Path.Combine(folder, Folder(condition), FormattableString.Invariant($"seed-{trial.Seed}"),
                    FormattableString.Invariant($"{FilePrefix}{Seconds(results.SubmittedAt):0}.harness.{trial.Id[..Math.Min(12, trial.Id.Length)]}")));
                if (run.IsEnded) continue;
                var events = New(results, condition, trial, run).ToList();
                if (events.Count > 0) Append(run, events);
                run.IsEnded = trial.State.IsTerminal();
            }
        }
    }

    private static void Append(WrittenRun run, List<Event> events)
    {
        if (run.IsStarted)
        {
            using var file = new FileStream(run.Path, FileMode.Append, FileAccess.Write, FileShare.Read);
            foreach (var record in events) RecordFile.Append(file, record.ToByteArray());
            return;
        }

        UnfinishedFile.Write(run.Path, path =>
        {
            using var file = File.Create(path);
            foreach (var record in events) RecordFile.Append(file, record.ToByteArray());
        });
        run.IsStarted = true;
    }

    private static IEnumerable<Event> New(ExperimentResults results, ConditionResults condition, TrialResult trial, WrittenRun run)
    {
        var start = Seconds(results.SubmittedAt);
        var stepSeconds = (trial.Outcome?.MillisecondsPerStep ?? 0) / 1000;
        if (!run.IsStarted)
        {
            yield return new() { WallTime = start, FileVersion = "brain.Event:2" };
            yield return Session(start, "_hparams_/session_start_info", new() { SessionStartInfo = Start(condition, trial, start) });
        }

        // By step, as a training loop would have written them; readers drop points that go back.
        var points = trial.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal)
            .SelectMany(metric => metric.Value.Steps.Zip(metric.Value.Values, (step, value) => (Step: step, metric.Key, Value: value)))
            .Where(point => point.Step > run.LastStep.GetValueOrDefault(point.Key, -1)).GroupBy(point => point.Step).OrderBy(group => group.Key).ToList();
        foreach (var step in points)
        {
            var summary = new Summary();
            foreach (var (_, tag, value) in step)
            {
                summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = value });
                run.LastStep[tag] = step.Key;
            }

            yield return new() { WallTime = start + step.Key * stepSeconds, Step = step.Key, Summary = summary };
        }

        if (trial.State.IsTerminal())
        {
            var end = start + (trial.Outcome?.TrainSeconds ?? 0);
            yield return Session(end, "_hparams_/session_end_info", new() { SessionEndInfo = new() { Status = trial.State.HasResult() ? Status.Success : Status.Failure, EndTimeSecs = end } });
        }
    }

    private static SessionStartInfo Start(ConditionResults condition, TrialResult trial, double start)
    {
        var session = new SessionStartInfo { GroupName = condition.Label, StartTimeSecs = start };
        foreach (var (factor, level) in condition.Factors.OrderBy(factor => factor.Key, StringComparer.Ordinal))
        {
            session.Hparams[factor] = double.TryParse(level, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Value.ForNumber(number) : Value.ForString(level);
        }

        session.Hparams["cell"] = Value.ForString(condition.Trial.Model.Cell);
        session.Hparams["seed"] = Value.ForNumber(trial.Seed);
        return session;
    }

    private static Event Session(double time, string tag, HParamsPluginData data) => new()
    {
        WallTime = time,
        Summary = new() { Value = { new Summary.Types.Value { Tag = tag, Metadata = new() { PluginData = new() { PluginName = HParams, Content = data.ToByteString() } } } } },
    };

    /// <summary>A label may hold what no folder's name may; the number tells alike ones apart.</summary>
    private static string Folder(ConditionResults condition) =>
        FormattableString.Invariant($"{condition.Ordinal}-{string.Concat(condition.Label.Select(letter => char.IsLetterOrDigit(letter) || "=._-".Contains(letter, StringComparison.Ordinal) ? letter : '_'))}");

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>What is in a trial's file.</summary>
    private sealed class WrittenRun(string path)
    {
        public string Path => path;

        public bool IsStarted { get; set; }

        public bool IsEnded { get; set; }

        /// <summary>The last step written, by tag.</summary>
        public Dictionary<string, int> LastStep { get; } = new(StringComparer.Ordinal);
    }
}
