using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Scheduling;
using Harness.Store;
using Harness.Tests.Experiments;
using Harness.Tests.Reports;

namespace Harness.Tests.Orchestrator;

/// <summary>A data folder with experiments that ended, made without training anything.</summary>
internal sealed class StoredExperiments : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ResultsDatabase database;
    private readonly StoreWriter writer;
    private readonly ExperimentStore store;

    public StoredExperiments()
    {
        database = ResultsDatabase.Open(folder.Path, TimeProvider.System);
        writer = new StoreWriter(database);
        store = new ExperimentStore(writer, TimeProvider.System);
    }

    public string Data => folder.Path;

    public string File(string name) => folder.File(name);

    /// <summary>Stores an experiment and an outcome for each of its trials; the first <paramref name="open"/> stay to come.</summary>
    /// <returns>Its number.</returns>
    public async Task<long> Add(string yaml, int open = 0, string worker = "=1+1|calc")
    {
        var plan = ExperimentPlanner.Plan(SpecText.Spec(yaml));
        var (id, admitted) = await store.Submit(plan, yaml, $"{plan.Name}.yaml");
        foreach (var trial in admitted.Single(experiment => experiment.Id == id).Trials.Where(trial => !trial.State.IsTerminal()).Skip(open))
        {
            var key = new AttemptKey(trial.Trial, 1, worker);
            await store.Record([new WorkerJoined(new(worker, "host", 1, 2, """{"harness":"t","operating_system":"o","runtime":"r","torch_sharp":"t","libtorch":"l","libtorch_source":"s","processor":"p","processor_count":2,"devices":["cpu"],"threads":1}""")), new AttemptStarted(key)]);
            if (plan.TimingTrials.FirstOrDefault(timing => timing.Id == trial.Trial)?.Spec.Timing is { } measured)
            {
                var result = TimingFixture.Trial(trial.Trial, measured.Arms, step => step.Model.Hidden).Result!;
                await store.Record([new AttemptEnded(key, AttemptEnd.Completed, null, null, JsonSerializer.Serialize(result, HarnessJson.Default.TimingResult), TrialState.Completed, 0, 0, null, null)]);
                continue;
            }

            await store.RecordMeasurements(new AttemptReport(key, [new MetricBatch("eval.loss", 0, 50, [1.5f, float.NaN, 0.25f])],
                [JsonSerializer.Serialize(new GradientProfile(ProbeMoment.End, 100, "h", 0, false, [1, 0.1, 0.01], -1, 0.3), HarnessJson.Default.GradientProfile)], 1, 0.5, "cpu"));
            await store.Record([new AttemptEnded(key, AttemptEnd.Completed, null, null, JsonSerializer.Serialize(Outcome(trial.Ordinal), HarnessJson.Default.TrialOutcome), TrialState.Completed, 0, 0, null, null)]);
        }

        return id;
    }

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        database.Dispose();
        folder.Dispose();
    }

    private static TrialOutcome Outcome(int ordinal) => new()
    {
        Kind = OutcomeKind.Completed,
        Steps = 100,
        FinalLoss = 0.25 + ordinal / 64.0,
        BestLoss = 0.2,
        BaselineLoss = 1,
        Solved = true,
        StepsToTarget = 50,
        SecondsToTarget = 0.5,
        Parameters = 123,
        ParametersTotal = 150,
        MillisecondsPerStep = 2,
        SequencesPerSecond = 16000,
        TrainSeconds = 1,
        EvaluationSeconds = 0.1,
        ProbeSeconds = 0.1,
        ClippedShare = 0,
    };
}
