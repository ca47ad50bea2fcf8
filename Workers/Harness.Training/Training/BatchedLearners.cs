using Harness.Experiments.Planning;
using Harness.Experiments.Specs;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Training.Training;

/// <summary>Trials that differ in seed, learning rate and initial weights alone, trained as one program (<c>kernel: batched</c>): one step of all at a time.</summary>
/// <remarks>
/// While they train, weights and optimizer state are here, with a dimension K in front; each <see cref="Learner"/> gets its own back when somebody looks at it
/// (<see cref="Settle"/>). The loss that is differentiated is the sum of the models' losses: they share nothing, so each one's gradient is its own.
/// Who has ended is left out of the next step, and the others move together.
/// </remarks>
internal sealed class BatchedLearners : IDisposable
{
    private readonly BatchedStack stack;
    private readonly TaskShape task;
    private readonly TrainSpec spec;
    private readonly List<Learner> members;
    private readonly BatchedOptimizer optimizer;
    private Tensor[] weights;                                       // as the model's, [K, …]; the output layer's last

    /// <param name="members">Of one kind (<see cref="Packing.KindOf"/>), on the batched path; at least one.</param>
    public BatchedLearners(IReadOnlyList<Learner> members)
    {
        this.members = [.. members];
        var first = members[0];
        (stack, task, spec) = (((BatchedNetwork)first.Model.Network).Stack, first.Task.BatchShape, first.Spec.Train);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        weights = [.. Enumerable.Range(0, first.Model.Weights.Count).Select(index => Leaf(torch.stack(members.Select(member => (Tensor)member.Model.Weights[index].Tensor))))];
        optimizer = new(spec.Optimizer, [.. members.Select(member => member.Optimizer)]);
        foreach (var member in members) member.Together = this;
    }

    /// <summary>One training step of some members, the step of each counted from 1. The others have ended and are forgotten.</summary>
    /// <returns>As <see cref="Learner.Take"/>, in the order of <paramref name="turns"/>.</returns>
    public IReadOnlyList<StepFindings> Take(IReadOnlyList<(Learner Member, int Step, double Rate)> turns)
    {
        Keep([.. turns.Select(turn => turn.Member)]);
        using var scope = NewDisposeScope();
        var batches = turns.Select(turn => turn.Member.Batch(turn.Step)).ToArray();
        var dropout = turns.Select(turn => turn.Member.Dropout(turn.Step)).ToArray();
        var (sums, answers) = Losses(weights, BatchedBatch.Of(batches, stack.Shape.Dtype, stack.Shape.Device), dropout[0] is null ? null : Drop);
        var losses = sums / answers;                                                                       // [K]
        var gradients = autograd.grad([losses.sum()], weights).ToArray();
        using var _ = no_grad();
        var (norms, peaks) = GradientClip.ByModel(gradients, spec);
        double[] found = [.. torch.stack([losses.detach().to(ScalarType.Float64), norms, peaks]).cpu().data<double>()];
        var findings = turns.Select((_, model) => GradientClip.Findings(found[model], found[turns.Count + model], found[2 * turns.Count + model], spec)).ToArray();
        // Its weights stay as they were before this step, and what becomes of its row no longer matters.
        for (var model = 0; model < turns.Count; model++)
            if (!findings[model].IsFinite) Release(model);
        optimizer.Step(weights, gradients, [.. turns.Select(turn => turn.Rate)]);
        return findings;

        Tensor Drop(int layer, Tensor values) => values * torch.stack(dropout.Select((masks, model) => masks!.On(layer, values[model])));
    }

    /// <summary>What members lose on their evaluation sets, in their order; as <see cref="EvaluationSet.Evaluate(SequenceModel)"/>.</summary>
    public IReadOnlyList<Evaluation> Evaluate(IReadOnlyList<(Learner Member, EvaluationSet Set)> due)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var rows = Rows(weights, [.. due.Select(each => members.IndexOf(each.Member))]);
        var (loss, answers, right) = (new double[due.Count], new double[due.Count], new double[due.Count]);
        for (var chunk = 0; chunk < due[0].Set.Chunks.Count; chunk++)
        {
            using var inner = NewDisposeScope();
            var batch = BatchedBatch.Of([.. due.Select(each => each.Set.Chunks[chunk])]);
            var prediction = Predict(rows, batch, drop: null);                                             // [K, P, B, O]
            var (sums, counts) = batch.Losses(prediction);
            Add(loss, sums);
            Add(answers, counts);
            if (task.Graded) Add(right, batch.Right(prediction));
        }

        return [.. due.Select((each, model) => new Evaluation(loss[model] / answers[model], task.Graded ? right[model] / each.Set.Sequences : null))];

        static void Add(double[] to, Tensor numbers)
        {
            var read = numbers.to(ScalarType.Float64).cpu().data<double>();
            for (var model = 0; model < to.Length; model++) to[model] += read[model];
        }
    }

    /// <summary>Gives a member its weights and what its optimizer remembers as they are now.</summary>
    public void Settle(Learner member)
    {
        var row = members.IndexOf(member);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (own, all) in member.Model.Weights.Zip(weights)) own.Tensor.copy_(all[row]);
        optimizer.Settle(row, member.Optimizer);
    }

    private (Tensor Sums, Tensor Answers) Losses(Tensor[] of, BatchedBatch batch, Func<int, Tensor, Tensor>? drop) => batch.Losses(Predict(of, batch, drop));

    /// <summary>[K, P, B, O].</summary>
    private Tensor Predict(Tensor[] of, BatchedBatch batch, Func<int, Tensor, Tensor>? drop)
    {
        var (models, sequences) = (batch.Input.shape[0], batch.Input.shape[2]);
        var run = stack.Run(of[..^2], batch.Input, everyStep: task.LossSteps > 1, drop, batch.Inside);
        var asked = task.LossSteps == 1 ? run.Last : run.Every!.narrow(1, task.FirstLossStep, task.LossSteps).reshape(models, task.LossSteps * sequences, -1);
        return BatchedProduct.Of(of[^1].unsqueeze(1), asked, of[^2].transpose(1, 2)).reshape(models, task.LossSteps, sequences, -1);
    }

    private void Release(int row)
    {
        Settle(members[row]);
        members[row].Together = null;
    }

    /// <summary>Leaves out who takes no further step; its learner has got its own back.</summary>
    private void Keep(IReadOnlyList<Learner> going)
    {
        if (going.SequenceEqual(members)) return;
        foreach (var (row, member) in members.Index())
            if (!going.Contains(member) && member.Together == this) Release(row);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        int[] rows = [.. going.Select(member => members.IndexOf(member))];
        var before = weights;
        weights = [.. Rows(weights, rows).Select(Leaf)];
        foreach (var weight in before) weight.Dispose();
        optimizer.Keep(rows);
        members.Clear();
        members.AddRange(going);
    }

    internal static Tensor[] Rows(Tensor[] all, int[] rows)
    {
        if (all.Length == 0 || rows.SequenceEqual(Enumerable.Range(0, (int)all[0].shape[0]))) return all;
        var index = tensor(rows.Select(row => (long)row).ToArray(), device: all[0].device);
        return [.. all.Select(tensor => tensor.index_select(0, index))];
    }

    private static Tensor Leaf(Tensor values) => values.detach().clone().requires_grad_().DetachFromDisposeScope();

    public void Dispose()
    {
        foreach (var member in members.Where(member => member.Together == this)) member.Together = null;
        foreach (var weight in weights) weight.Dispose();
        optimizer.Dispose();
    }
}
