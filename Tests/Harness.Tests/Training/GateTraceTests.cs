using System.Text.Json;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Probes;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

public sealed class GateTraceTests
{
    private static GateTrace Take(ModelSpec spec, TaskSpec task)
    {
        using var scope = NewDisposeScope();
        var sequences = SequenceTask.Create(task)!;
        using var model = Trials.Build(spec, sequences.Shape);
        return GateTraceProbe.Measure(model, RecurrentCell.Find(spec.Cell)!, CellCatalog.Get(spec.Cell), sequences.Example(seed: 1), ProbeMoment.End, 7);
    }

    [Theory]
    [InlineData("lstm", KernelPath.Library, false)]
    [InlineData("lstm", KernelPath.Cell, true)]
    [InlineData("gru", KernelPath.Library, true)]
    public void It_holds_every_gate_of_every_step_within_a_byte(string cell, KernelPath kernel, bool bidirectional)
    {
        using var scope = NewDisposeScope();
        const int Length = 9, Hidden = 5;
        var (task, spec) = (Trials.Task("adding", Length), Trials.Model(cell, kernel, Hidden, layers: 2, bidirectional: bidirectional));
        var trace = Take(spec, task);
        trace.Steps.ShouldBe(Enumerable.Range(0, Length));
        trace.Layers.Select(layer => (layer.Layer, layer.Backwards)).ShouldBe(bidirectional ? [(0, false), (0, true), (1, false), (1, true)] : [(0, false), (1, false)]);
        trace.Layers.ShouldAllBe(layer => layer.Gates.Select(gate => gate.Gate).SequenceEqual(CellCatalog.Get(cell).Gates));

        using var model = Trials.Build(spec with { Kernel = KernelPath.Cell }, SequenceTask.Create(task)!.Shape);
        var seen = 0;
        ((LoopNetwork)model.Network).Run(BatchTensors.Of(SequenceTask.Create(task)!.Evaluation(1, 0, 1), ScalarType.Float64, CPU).Input, step =>
        {
            var layer = trace.Layers.Single(layer => layer.Layer == step.Layer && layer.Backwards == step.Backwards);
            var position = step.Backwards ? Length - 1 - step.Step : step.Step;
            foreach (var (gate, exact) in layer.Gates.Zip(step.Cell.Gates(step.Input, step.Before)))
            {
                (gate.Low, gate.High).ShouldBe(CellCatalog.Get(cell).Candidates.Contains(gate.Gate, StringComparer.Ordinal) ? (-1, 1) : (0, 1));
                for (var column = 0; column < Hidden; column++)
                {
                    gate.Decode(gate.Values[position * Hidden + column]).ShouldBe(exact[0, layer.Units[column]].item<double>(), (gate.High - gate.Low) / 255 / 2 + 1e-12);
                    seen++;
                }
            }
        });
        seen.ShouldBe(trace.Layers.Count * Length * Hidden * CellCatalog.Get(cell).Gates.Count);
    }

    [Fact]
    public void Units_that_keep_most_come_first()
    {
        var layer = Take(Trials.Model("gru", hidden: 8) with { Init = InitKind.Chrono }, Trials.Task("adding", 30)).Layers.Single();
        var update = layer.Gates.Single(gate => gate.Gate == "update");
        double[] means = [.. Enumerable.Range(0, 8).Select(column => Enumerable.Range(0, 30).Average(step => (double)update.Values[step * 8 + column]))];
        means.ShouldBe(means.OrderDescending());
        means[0].ShouldBeGreaterThan(means[^1] + 10);
        layer.Units.Order().ShouldBe(Enumerable.Range(0, 8));
    }

    [Fact]
    public void Long_sequences_and_wide_layers_are_thinned_out_evenly()
    {
        var trace = Take(Trials.Model("gru", hidden: 70), Trials.Task("adding", 1030));
        trace.Length.ShouldBe(1030);
        trace.Steps.ShouldBe(Enumerable.Range(0, 344).Select(i => 3 * i));
        var layer = trace.Layers.Single();
        layer.Units.Distinct().Count().ShouldBe(GateTrace.MostUnits);
        layer.Gates.ShouldAllBe(gate => gate.Values.Length == 344 * GateTrace.MostUnits);
        trace.Inputs.Length.ShouldBe(344 * 2);
    }

    [Fact]
    public void It_shows_the_sequence_and_the_steps_that_matter()
    {
        var trace = Take(Trials.Model("lstm"), Trials.Task("adding", 12));
        trace.InputSize.ShouldBe(2);
        trace.RelevantSteps.ShouldBe(Enumerable.Range(0, 12).Where(step => trace.Inputs[2 * step + 1] == 1));
        trace.RelevantSteps.Length.ShouldBe(2);
        trace.AnswerSteps.ShouldBe([11]);
        trace.Inputs.ShouldBe(SequenceTask.Create(Trials.Task("adding", 12))!.Evaluation(1, 0, 1).Inputs);
    }

    [Theory]
    [InlineData("temporal-order", 20, 2)]
    [InlineData("latch", 5, 1)]
    [InlineData("parity", 5, 5)]
    [InlineData("majority", 5, 5)]
    [InlineData("majority", 6, 5)]
    [InlineData("copy-memory", 4, 10)]
    [InlineData("mackey-glass", 5, 0)]
    [InlineData("markov", 8, 0)]
    public void Tasks_mark_the_steps_that_decide(string task, int length, int relevant) =>
        SequenceTask.Create(Trials.Task(task, length))!.Example(1).Relevant!.Count.ShouldBe(relevant);

    [Fact]
    public void Answers_are_asked_where_the_task_asks()
    {
        var batch = SequenceTask.Create(Trials.Task("anbn", 11))!.Example(1);
        batch.AnswerSteps(0).Count().ShouldBe(batch.Relevant!.Count);
        batch.AnswerSteps(0).Last().ShouldBe(10);
    }

    [Fact]
    public void A_trial_sends_it_when_asked_and_only_for_cells_with_gates()
    {
        List<GateTraceFrame> Of(string cell) => [.. Trials.Run(Trials.Spec(cell) with { Probe = new([], 4, Trace: [ProbeMoment.Init, ProbeMoment.End]) }).Frames.OfType<GateTraceFrame>()];
        Of("gru").Select(frame => (frame.Trace.Moment, frame.Trace.Step)).ShouldBe([(ProbeMoment.Init, 0), (ProbeMoment.End, 12)]);
        Of("rnn").ShouldBeEmpty();
    }

    [Fact]
    public void It_survives_the_wire_to_the_byte()
    {
        var trace = Take(Trials.Model("lstm"), Trials.Task("latch", 6));
        var json = JsonSerializer.Serialize(trace, HarnessJson.Default.GateTrace);
        var back = JsonSerializer.Deserialize(json, HarnessJson.Default.GateTrace)!;
        back.Layers[0].Gates[1].Values.ShouldBe(trace.Layers[0].Gates[1].Values);
        JsonSerializer.Serialize(back, HarnessJson.Default.GateTrace).ShouldBe(json);
    }
}
