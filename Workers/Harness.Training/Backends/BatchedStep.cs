using Harness.Abstractions.Specs;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Training.Backends;

/// <summary>An optimizer step of several models as one program (<c>kernel: batched</c>): models that differ only in seed, learning rate and initial weights.</summary>
/// <remarks>
/// While they train, weights and optimizer state are here, with a leading dimension K; <see cref="CopyTo"/> copies a model's own back to its <see cref="Learner"/>.
/// The differentiated loss is the sum of the models' losses: they share nothing, so each one's gradient is its own.
/// A model without a further step leaves the batch.
/// </remarks>
internal sealed class BatchedStep : ITrainStep
{
    private readonly BatchedStack stack;
    private readonly TaskShape task;
    private readonly TrainSpec spec;
    private readonly List<Learner> members;
    private readonly BatchedOptimizer optimizer;
    private Tensor[] weights;                                       // as the model's, [K, …]; the output layer's last
    private double[] learningRates = [];
    private DropoutMasks?[] dropout = [];
    private BatchedBatch? batch;
    private Tensor? losses;                                         // [K]
    private Tensor[] gradients = [];                                // as the weights

    /// <param name="learners">Of one kind (<see cref="Packing.KindOf"/>), on the batched backend; at least one.</param>
    public BatchedStep(IReadOnlyList<Learner> learners)
    {
        members = [.. learners];
        var first = members[0];
        (stack, task, spec) = (((BatchedNetwork)first.Model.Network).Stack, first.Task.BatchShape, first.Spec.Train);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        weights = [.. Enumerable.Range(0, first.Model.Weights.Count).Select(index => Leaf(torch.stack(members.Select(member => (Tensor)member.Model.Weights[index].Tensor))))];
        optimizer = new(spec.Optimizer, [.. members.Select(member => member.Optimizer)]);
        foreach (var member in members) member.BatchedStep = this;
    }

    public void LoadBatches(IReadOnlyList<ModelTurn> turns)
    {
        SelectMembers([.. turns.Select(turn => turn.Learner)]);
        learningRates = [.. turns.Select(turn => turn.LearningRate)];
        SequenceBatch[] batches = [.. turns.Select(turn => turn.Batch())];
        dropout = [.. turns.Select(turn => turn.Learner.Dropout(turn.Step))];
        batch = BatchedBatch.Of(batches, stack.Shape.Dtype, stack.Shape.Device);
    }

    public void Forward()
    {
        var prediction = Predict(weights, batch!, dropout[0] is null ? null : Drop);                       // [K, P, B, O]
        var (sums, answers) = batch!.Losses(prediction);
        losses = sums / answers;

        Tensor Drop(int layer, Tensor values) => values * torch.stack(dropout.Select((masks, model) => masks!.On(layer, values[model])));
    }

    public void Backward() => gradients = [.. autograd.grad([losses!.sum()], weights)];

    public IReadOnlyList<StepResult> Clip()
    {
        using var _ = no_grad();
        var (norms, peaks) = GradientClip.ByModel(gradients, spec);
        var models = members.Count;
        double[] found = [.. torch.stack([losses!.detach().to(ScalarType.Float64), norms, peaks]).cpu().data<double>()];
        return [.. Enumerable.Range(0, models).Select(model => GradientClip.Result(found[model], found[models + model], found[2 * models + model], spec))];
    }

    public void Update(IReadOnlyList<StepResult> results)
    {
        using var _ = no_grad();
        // A diverged model keeps the weights of before this step. Its row is dropped at the next one.
        for (var model = 0; model < results.Count; model++)
            if (!results[model].IsFinite) Release(model);
        optimizer.Step(weights, gradients, learningRates);
    }

    /// <summary>In parts that need about as much memory as a training step of all models.</summary>
    public IReadOnlyList<Evaluation> EvaluateBatch(IReadOnlyList<(Learner Learner, EvaluationSet Set)> due)
    {
        var sequences = Math.Min(EvaluationSet.Chunk, due[0].Learner.Spec.Evaluation.Sequences);
        var atOnce = (int)Math.Max(1, (long)members.Count * spec.Batch / sequences);
        return [.. due.Chunk(atOnce).SelectMany(EvaluatePart)];
    }

    private Evaluation[] EvaluatePart((Learner Learner, EvaluationSet Set)[] due)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var rows = Rows(weights, [.. due.Select(each => members.IndexOf(each.Learner))]);
        var (loss, answers, right) = (new double[due.Length], new double[due.Length], new double[due.Length]);
        for (var chunk = 0; chunk < due[0].Set.Chunks.Count; chunk++)
        {
            using var inner = NewDisposeScope();
            var part = BatchedBatch.Of([.. due.Select(each => each.Set.Chunks[chunk])]);
            var prediction = Predict(rows, part, drop: null);                                              // [K, P, B, O]
            var (sums, counts) = part.Losses(prediction);
            Add(loss, sums);
            Add(answers, counts);
            if (task.Graded) Add(right, part.Right(prediction));
        }

        return [.. due.Select((each, model) => new Evaluation(loss[model] / answers[model], task.Graded ? right[model] / each.Set.Sequences : null))];

        static void Add(double[] to, Tensor numbers)
        {
            var read = numbers.to(ScalarType.Float64).cpu().data<double>();
            for (var model = 0; model < to.Length; model++) to[model] += read[model];
        }
    }

    /// <summary>Copies a member's weights and optimizer state to its learner.</summary>
    public void CopyTo(Learner member)
    {
        var row = members.IndexOf(member);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (own, all) in member.Model.Weights.Zip(weights)) own.Tensor.copy_(all[row]);
        optimizer.CopyTo(member.Optimizer, row);
    }

    /// <summary>[K, P, B, O].</summary>
    private Tensor Predict(Tensor[] of, BatchedBatch batch, Func<int, Tensor, Tensor>? drop)
    {
        var (models, sequences) = (batch.Input.shape[0], batch.Input.shape[2]);
        var run = stack.Run(of[..^2], batch.Input, everyStep: task.LossSteps > 1, drop, batch.Inside);
        var asked = task.LossSteps == 1 ? run.Last : run.Every!.narrow(1, task.FirstLossStep, task.LossSteps).reshape(models, task.LossSteps * sequences, -1);
        return BatchedProduct.Of(of[^1].unsqueeze(1), asked, of[^2].transpose(1, 2)).reshape(models, task.LossSteps, sequences, -1);
    }

    /// <summary>Gives a member that takes no further step its weights for good.</summary>
    public void Release(Learner member) => Release(members.IndexOf(member));

    private void Release(int row)
    {
        CopyTo(members[row]);
        members[row].BatchedStep = null;
    }

    /// <summary>Leaves only the models of the next step in the batch. The learners of the others get their weights back.</summary>
    private void SelectMembers(IReadOnlyList<Learner> selected)
    {
        if (selected.SequenceEqual(members)) return;
        foreach (var (row, member) in members.Index())
            if (!selected.Contains(member) && member.BatchedStep == this) Release(row);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        int[] rows = [.. selected.Select(member => members.IndexOf(member))];
        var before = weights;
        weights = [.. Rows(weights, rows).Select(Leaf)];
        foreach (var weight in before) weight.Dispose();
        optimizer.SelectRows(rows);
        members.Clear();
        members.AddRange(selected);
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
        foreach (var member in members.Where(member => member.BatchedStep == this)) member.BatchedStep = null;
        foreach (var weight in weights) weight.Dispose();
        optimizer.Dispose();
    }
}
