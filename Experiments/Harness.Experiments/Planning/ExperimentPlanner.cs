using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>Crosses an experiment's conditions with its seeds. Pure: equal specs give equal plans, under every culture.</summary>
public static class ExperimentPlanner
{
    public static ExperimentPlan Plan(ExperimentSpec spec)
    {
        var conditions = new Condition[spec.Conditions.Count];
        for (var i = 0; i < conditions.Length; i++)
        {
            var condition = spec.Conditions[i];
            conditions[i] = new Condition(i, condition.Label, condition.Factors, condition.Trial,
                ModelSize.Parameters(condition.Trial), ModelSize.ParametersTotal(condition.Trial), ModelSize.FlopsPerStep(condition.Trial))
            {
                Arm = condition.Arm,
                Match = condition.Match,
                Data = condition.Data,
                Weights = condition.Weights,
            };
        }

        var stages = StagesOf(spec);
        var trials = spec.Tuning is { } tuning ? TrialsOf(tuning) : TrialsOf(conditions, stages?.FirstSeeds ?? spec.Seeds, spec.Order);
        var timing = spec.Speed is { } speed ? TimingPlanner.Of([.. conditions.Select(condition => condition.Trial)], speed, trials.Length) : [];
        return new ExperimentPlan(spec.Name, spec.Question, DigestOf(spec, conditions, [.. trials, .. timing]), conditions, trials, spec.Run)
        {
            Factors = spec.Factors,
            Seeds = spec.Seeds,
            Claims = spec.Claims,
            Overrides = spec.Overrides,
            Files = spec.Files,
            Report = spec.Report,
            TimingTrials = timing,
            Stages = stages,
            Candidates = spec.Tuning?.Candidates ?? [],
        };
    }

    private static StagePlan? StagesOf(ExperimentSpec spec) =>
        spec.Tuning is null && spec.Looks is null ? null : new StagePlan(spec.Seeds, spec.Order == TrialOrder.SeedMajor) { Tune = spec.Tuning?.Spec, Looks = spec.Looks };

    /// <summary>The trials of a search, study by study and seed by seed: all arms of a point beside each other.</summary>
    private static PlannedTrial[] TrialsOf(TuningPlan tuning)
    {
        var seeds = tuning.Spec.Seeds.Count / tuning.Spec.Studies;
        var ordered =
            (from study in tuning.Trials.GroupBy(trial => tuning.Spec.StudyOf(trial.Point)).OrderBy(study => study.Key)
             let points = study.OrderBy(trial => trial.Point).ThenBy(trial => trial.Condition).ToArray()
             from seed in Enumerable.Range(0, seeds)
             from trial in points
             select (Trial: trial, Seed: tuning.Spec.Seeds[(study.Key * seeds) + seed])).ToArray();
        var trials = new PlannedTrial[ordered.Length];
        Parallel.For(0, trials.Length, i =>
        {
            var (trial, seed) = ordered[i];
            var spec = trial.Spec with { Seed = seed };
            trials[i] = new PlannedTrial(i, trial.Condition, TrialIdentity.Of(spec), spec) { Stage = StageNames.Tuning, Point = trial.Point };
        });
        return trials;
    }

    private static PlannedTrial[] TrialsOf(Condition[] conditions, IReadOnlyList<long> seeds, TrialOrder order)
    {
        var trials = new PlannedTrial[conditions.Length * seeds.Count];
        // Below this, threads cost more than hashing.
        if (trials.Length < 256)
        {
            for (var i = 0; i < trials.Length; i++) Fill(i);
        }
        else
        {
            Parallel.For(0, trials.Length, Fill);
        }

        return trials;

        void Fill(int i)
        {
            var isBySeed = order == TrialOrder.SeedMajor;
            var condition = conditions[isBySeed ? i % conditions.Length : i / seeds.Count];
            var trial = condition.Trial with { Seed = seeds[isBySeed ? i / conditions.Length : i % seeds.Count] };
            trials[i] = new PlannedTrial(i, condition.Ordinal, TrialIdentity.Of(trial), trial);
        }
    }

    /// <summary>Covers what is run and concluded: name, labels, trials, claims; in an order of its own, so that the file's order does not count.</summary>
    private static string DigestOf(ExperimentSpec spec, Condition[] conditions, PlannedTrial[] trials)
    {
        var lines = trials.Select(trial => trial.Id).Order(StringComparer.Ordinal)
            .Concat(conditions.Select(condition => $"{condition.Arm} = {condition.Label}").Order(StringComparer.Ordinal))
            .Concat(spec.Claims.OrderBy(claim => claim.Id, StringComparer.Ordinal).Select(ClaimText.Canonical))
            .Concat(StagesOf(spec) is { } stages ? [JsonSerializer.Serialize(stages, HarnessJson.Default.StagePlan)] : Array.Empty<string>())
            .Prepend(spec.Question ?? "")
            .Prepend(spec.Name);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines) hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
