using Harness.Abstractions.Results;

namespace Harness.Training.Tasks;

/// <summary>Cuts a sequence down to what a picture of it needs.</summary>
internal static class TaskExample
{
    /// <summary>The first sequence of the evaluation set of <paramref name="seed"/>.</summary>
    public static TaskSample Of(SequenceTask task, long seed)
    {
        var sequence = task.Example(seed);
        var (shape, length) = (sequence.Shape, sequence.Lengths[0]);
        var (steps, features) = (Math.Min(length, TaskSample.MostSteps), Math.Min(shape.InputSize, TaskSample.MostFeatures));
        int[] answers = [.. sequence.AnswerSteps(0).TakeLast(TaskSample.MostAnswers)];
        // One answer has one row, wherever the sequence ends.
        int[] rows = [.. answers.Select(step => shape.LossSteps == 1 ? 0 : step - shape.FirstLossStep)];
        return new(
            length, steps, [.. sequence.Relevant!.Select(mark => mark.Step).Order()], answers, features,
            [.. Enumerable.Range(0, steps).SelectMany(step => sequence.Inputs.AsSpan(step * shape.InputSize, features).ToArray())],
            sequence.Classes.Length > 0 ? [.. rows.Select(row => sequence.Classes[row])] : null,
            sequence.Values.Length > 0 ? [.. rows.SelectMany(row => sequence.Values.AsSpan(row * shape.OutputSize, shape.OutputSize).ToArray())] : null)
        {
            Card = task.Card(),
        };
    }
}
