using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Training.Randomness;

namespace Harness.Training.Tasks;

/// <summary>
/// What a trial learns from: fresh sequences at every step, or batches from N fixed ones; with wrong answers among the right ones, if
/// asked. Batch s is a pure function of (task, training spec, seed, s).
/// </summary>
/// <remarks>
/// Of N fixed sequences, position (s − 1)·B + b of an endless walk belongs to sequence b of step s; each N positions are one epoch, which
/// visits all of them in an order of its own. Whether and how an answer is wrong belongs to the sequence: it is the same in every epoch.
/// </remarks>
internal sealed class TrainingSet(SequenceTask task, TrainSpec spec, long seed)
{
    /// <summary>The step under which the N fixed sequences are drawn; training steps count from 1.</summary>
    private const int Fixed = 0;

    private (long Epoch, int[] Order)? latest;

    /// <summary>The batch of training step <paramref name="step"/>, counted from 1.</summary>
    public SequenceBatch Batch(int step)
    {
        var batch = new SequenceBatch(task.BatchShape, spec.Batch);
        for (var index = 0; index < spec.Batch; index++)
        {
            if (spec.Sequences is { } count) Write(Fixed, Position((long)(step - 1) * spec.Batch + index, count), batch, index);
            else Write(step, index, batch, index);
        }

        return batch;
    }

    /// <summary>Of the N fixed sequences those from <paramref name="first"/> on, at most <paramref name="count"/>, with the answers that are trained on.</summary>
    public SequenceBatch FixedSequences(int first, int count)
    {
        var batch = new SequenceBatch(task.BatchShape, Math.Min(count, spec.Sequences!.Value - first));
        for (var index = 0; index < batch.Count; index++) Write(Fixed, first + index, batch, index);
        return batch;
    }

    private void Write(int step, int sequence, SequenceBatch batch, int index)
    {
        task.Write(new RandomStream(seed, StreamPurpose.TrainingBatch, (uint)step, (uint)sequence), batch, index);
        if (spec.LabelNoise is { } share) Disturb(share, step, sequence, batch, index);
    }

    private void Disturb(double share, int step, int sequence, SequenceBatch batch, int index)
    {
        var random = new RandomStream(seed, StreamPurpose.LabelNoise, (uint)step, (uint)sequence);
        var shape = task.BatchShape;
        SequenceBatch? other = null;
        for (var answer = 0; answer < shape.LossSteps; answer++)
        {
            var place = answer * batch.Count + index;
            if (!batch.IsAsked(place)) continue;
            if (random.NextDouble() >= share) continue;
            if (shape.Loss == LossKind.CrossEntropy)
            {
                var wrong = random.NextInt32(shape.OutputSize - 1);
                batch.Classes[place] = wrong < batch.Classes[place] ? wrong : wrong + 1;
                continue;
            }

            if (other is null)
            {
                other = new SequenceBatch(shape, 1);
                task.Write(new RandomStream(seed, StreamPurpose.OtherAnswers, (uint)step, (uint)sequence), other, 0, batch.Lengths[index]);
            }

            other.Values.AsSpan(answer * shape.OutputSize, shape.OutputSize).CopyTo(batch.Values.AsSpan(place * shape.OutputSize));
        }
    }

    private int Position(long walked, int count)
    {
        var (epoch, order) = latest is { } known && known.Epoch == walked / count ? known : (walked / count, OrderOf(walked / count, count));
        latest = (epoch, order);
        return order[walked % count];
    }

    /// <summary>A permutation, each equally likely (Fisher &amp; Yates).</summary>
    private int[] OrderOf(long epoch, int count)
    {
        var random = new RandomStream(seed, StreamPurpose.Order, (uint)(epoch >> 32), (uint)epoch);
        var order = new int[count];
        for (var place = 0; place < count; place++)
        {
            var other = random.NextInt32(place + 1);
            order[place] = order[other];
            order[other] = place;
        }

        return order;
    }
}
