using Harness.Reports.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Harness.Tests.Orchestrator.Simulation;

/// <summary>
/// The simulation is only worth what it finds: mistakes are planted in the scheduler's source, one at a time, and each has
/// to be found.
/// </summary>
public sealed class MutationTests
{
    private const int Seeds = 2000;

    private const string Core = "SchedulerCore.cs";
    private const string Experiments = "SchedulerCore.Experiments.cs";
    private const string Queue = "TrialQueue.cs";
    private const string Trial = "TrialNode.cs";

    private static readonly string[] scheduling = [Core, Experiments, Queue, Trial, "DoneTrials.cs", "ExperimentNode.cs", "AdmittedExperiment.cs", "Stages/StageState.cs", "SchedulerChange.cs", "SchedulerOptions.cs"];
    private static readonly string[] simulation = ["SimulatedCluster.cs", "HistoryChecker.cs", "VirtualTime.cs"];

    private const string Surroundings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;

        public static class Simulations
        {
            /// <summary>What the first seed that fails says; null when none does.</summary>
            public static string? FirstFailure(int seeds)
            {
                for (var seed = 0; seed < seeds; seed++)
                {
                    try
                    {
                        new Harness.Tests.Orchestrator.Simulation.SimulatedCluster(seed).Run();
                    }
                    catch (Exception wrong)
                    {
                        return $"seed {seed}: {wrong.Message}";
                    }
                }

                return null;
            }
        }
        """;

    [Fact]
    public void The_scheduler_as_it_is_passes() => FirstFailure(compilation, seeds: 30).ShouldBeNull();

    [SlowTheory(Category.Search)]
    [InlineData("an end is accepted from any attempt", Core, "trial.Live!.Key == key ? trial.Live : null", "trial.Live!.Key.Trial == key.Trial ? trial.Live : null")]
    [InlineData("a heartbeat extends nothing", Core, "LiveOf(key) is { } live) live.LeaseUntil = Now + options.Lease;", "LiveOf(key) is { } live) live.LeaseUntil += TimeSpan.Zero;")]
    [InlineData("a heartbeat revokes what is live", Core, "else revoked.Add(key);", "else continue; revoked.Add(key);")]
    [InlineData("a lease runs out too late", Core, "trial.Live!.LeaseUntil <= Now)", "trial.Live!.LeaseUntil <= Now - options.Lease)")]
    [InlineData("a lease runs out too early", Core, "trial.Live!.LeaseUntil <= Now)", "trial.Live!.LeaseUntil <= Now + options.Lease / 2)")]
    [InlineData("attempt numbers do not grow", Core, "trial.Attempts++;", "")]
    [InlineData("a diverged trial is tried again", Core, "trial.Become(TrialState.Diverged);", "Queue(trial);")]
    [InlineData("a trial's own budget is one too small", Core, "trial.TrialFailures > Budget", "trial.TrialFailures >= Budget")]
    [InlineData("the budget of the infrastructure is one too small", Core, "trial.InfrastructureFailures > Budget", "trial.InfrastructureFailures >= Budget")]
    [InlineData("quarantine comes one worker too late", Core, "WorkersUntilQuarantine = 3", "WorkersUntilQuarantine = 4")]
    [InlineData("a trial that gets further is quarantined all the same", Trial, "Furthest = savedStep; WorkersLost.Clear();", "Furthest = savedStep;")]
    [InlineData("quarantine forgets whatever left a checkpoint", Trial, "if (savedStep > Furthest)", "if (savedStep > 0)")]
    [InlineData("giving back costs a retry", Core, "case AttemptEnd.Drained:", "case AttemptEnd.Drained: trial.TrialFailures++;")]
    [InlineData("a worker that is gone is served", Core, "if (gone.Contains(worker.Worker)) throw", "if (worker.Slots < 0) throw")]
    [InlineData("a drained worker is served", Core, "if (draining.Contains(worker.Worker)) return leases;", "")]
    [InlineData("nobody waits before the next try", Core, "until <= Now)", "until <= Now + options.LongestBackoff)")]
    [InlineData("a trial that was cancelled in its pause comes back", Core, "if (trial.State == TrialState.BackingOff && trial.NotBefore <= Now) Queue(trial);", "Queue(trial);")]
    [InlineData("others start beside a trial that needs the machine for itself", Core, "!IsHeldAlone(worker.Host) && ready.Next", "ready.Next")]
    [InlineData("a trial that needs the machine for itself starts beside others", Core, "if (trial.Needs.Exclusive && !IsEmpty(worker.Host))", "if (trial.Needs.Exclusive && worker.Slots < 0)")]
    [InlineData("a machine never empties", Core, "(load.Running - 1, ", "(load.Running, ")]
    [InlineData("needs are ignored", Core, "trial.Needs.IsMetBy(worker) && (", "(")]
    [InlineData("a trial stays in the queue when it is leased", Core, "ready.Remove(trial);\n        trial.Home = home;", "trial.Home = home;")]
    [InlineData("what may have brought its company down is packed again", Core, "if (shared) trial.KeepApart();\n                else trial", "if (!shared) trial")]
    [InlineData("what befell its company counts against a trial", Core, "case AttemptEnd.UserError or AttemptEnd.GpuOutOfMemory when !shared:", "case AttemptEnd.UserError or AttemptEnd.GpuOutOfMemory:")]
    [InlineData("a pack takes what it can get", Core, "Math.Min(pack.Most, (alike.Count + slots - 1) / slots)", "alike.Count")]
    [InlineData("an experiment finishes with its first trial", Core, "if (node.Finished || node.HasOpen) return;", "if (node.Finished) return;")]
    [InlineData("an end that is told again is refused", Core, "done.Accepted(completion.Attempt) ||", "")]
    [InlineData("a changed priority is not heeded", Experiments, "node.Priority = priority;", "")]
    [InlineData("a paused experiment goes on", Queue, "membership.Experiment.State == ExperimentState.Running", "membership.Experiment.State != ExperimentState.Cancelled")]
    [InlineData("lower priorities go first", Queue, "b.Priority.CompareTo(a.Priority)", "a.Priority.CompareTo(b.Priority)")]
    [InlineData("cancelling takes what others want", Experiments, "if (trial.Experiments.Any(other => other.State != ExperimentState.Cancelled))", "if (trial.Attempts < 0)")]
    [InlineData("trying again keeps the old budgets", Experiments, "            trial.Forgive();\n            trial.Become(TrialState.Pending);\n            changes.Add", "            trial.Become(TrialState.Pending);\n            changes.Add")]
    [InlineData("trying again leaves experiments finished", Experiments, "            other.Finished = false;\n", "")]
    [InlineData("a trial that ends during a submission is trained again", Experiments, "done.StateOf(admitted.Trial) ?? admitted.State", "admitted.State")]
    [InlineData("a finished trial is not counted", Experiments, "node.Count(admitted.Condition, state, +1);", "")]
    [InlineData("a stage is never decided", Core, "undecided.Add(node.Id);", "")]
    [InlineData("an experiment ends with its first stage", Core, "if (node.AwaitsDecision)", "if (node.AwaitsDecision && node.Total < 0)")]
    [InlineData("a stage is decided without a failed trial", "ExperimentNode.cs", "&& counts[(int)TrialState.Failed] + counts[(int)TrialState.Cancelled] == 0", "")]
    [InlineData("what is cancelled while its stage is decided is trained", Experiments, "if (isCancelled) Cancel(grown.Id, changes);", "")]
    [InlineData("a decision undoes what a person changed meanwhile", Experiments, "State = isCancelled ? ExperimentState.Running : node.State", "State = ExperimentState.Running")]
    [InlineData("states are not counted down", Trial, "membership.Experiment.Count(membership.Condition, State, -1);", "_ = membership;")]
    public void A_planted_mistake_is_found(string mistake, string file, string right, string wrong)
    {
        var source = sources[file];
        var places = Find(source, right);
        places.Count.ShouldBe(1, $"'{right}' must be in {file} exactly once");
        var mutant = compilation.ReplaceSyntaxTree(
            compilation.SyntaxTrees.Single(tree => tree.FilePath == file), Parse(file, string.Concat(source.AsSpan(0, places[0].Start), wrong, source.AsSpan(places[0].End))));

        FirstFailure(mutant, Seeds).ShouldNotBeNull($"{mistake}, and {Seeds} simulations did not notice");
    }

    /// <summary>Where a piece of code stands, whatever its line breaks, spaces and comments.</summary>
    private static List<TextSpan> Find(string source, string piece)
    {
        var (all, wanted) = (Tokens(source), Tokens(piece));
        return [.. Enumerable.Range(0, all.Length - wanted.Length + 1)
            .Where(first => !wanted.Where((token, i) => all[first + i].Text != token.Text).Any())
            .Select(first => TextSpan.FromBounds(all[first].SpanStart, all[first + wanted.Length - 1].Span.End))];
    }

    private static SyntaxToken[] Tokens(string text) => [.. SyntaxFactory.ParseTokens(text).Where(token => !token.IsKind(SyntaxKind.EndOfFileToken))];

    private static readonly Dictionary<string, string> sources = scheduling.Select(name => Path.Combine("Orchestrator", "Harness.Scheduling", name))
        .Concat(simulation.Select(name => Path.Combine("Tests", "Harness.Tests", "Orchestrator", "Simulation", name)))
        .ToDictionary(path => Path.GetFileName(path), path => File.ReadAllText(Path.Combine(Repository.Root, path)).ReplaceLineEndings("\n"), StringComparer.Ordinal);

    private static readonly CSharpCompilation compilation = Compilation();

    /// <summary>Everything that this program runs on, without the scheduler as it is, and the sources with one of them replaced.</summary>
    private static CSharpCompilation Compilation()
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is not ("Harness.Scheduling.dll" or "Harness.Tests.dll")).Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create(
            "Mutant", sources.Select(source => Parse(source.Key, source.Value)).Append(Parse("Surroundings.cs", Surroundings)), references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, optimizationLevel: OptimizationLevel.Release));
    }

    private static SyntaxTree Parse(string name, string text) => CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Latest), name);

    private static string? FirstFailure(CSharpCompilation mutant, int seeds)
    {
        using var image = new MemoryStream();
        var emitted = mutant.Emit(image);
        emitted.Success.ShouldBeTrue(string.Join('\n', emitted.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        return System.Reflection.Assembly.Load(image.ToArray()).GetType("Simulations")!.GetMethod("FirstFailure")!.CreateDelegate<Func<int, string?>>()(seeds);
    }
}
