using System.Security.Cryptography;
using System.Text;
using Harness.Abstractions.Catalog;
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
            };
        }

        var trials = TrialsOf(conditions, spec.Seeds, spec.Order);
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
        };
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
            .Prepend(spec.Question ?? "")
            .Prepend(spec.Name);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines) hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
