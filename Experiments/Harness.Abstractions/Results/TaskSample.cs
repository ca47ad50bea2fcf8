using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Results;

/// <summary>One sequence of a task with its answers, the first of the evaluation set: to see what has to be learned.</summary>
/// <param name="Length">T, steps of the sequence as the network sees it.</param>
/// <param name="Steps">How many steps were kept, from 0 on: all of them up to <see cref="MostSteps"/>.</param>
/// <param name="RelevantSteps">The steps whose inputs decide the answer, ascending; empty where the task singles none out.</param>
/// <param name="AnswerSteps">The steps at which an answer is asked for, ascending: the last <see cref="MostAnswers"/> of them.</param>
/// <param name="InputSize">Features per step that were kept: the first <see cref="MostFeatures"/> of the task's.</param>
/// <param name="Inputs">The kept steps' inputs, [step][feature], row by row.</param>
/// <param name="Classes">The right class at each answer step; null where answers are real.</param>
/// <param name="Values">The right values, [answer step][output], row by row; null where answers are classes.</param>
public sealed record TaskSample(
    int Length,
    int Steps,
    int[] RelevantSteps,
    int[] AnswerSteps,
    int InputSize,
    float[] Inputs,
    long[]? Classes = null,
    float[]? Values = null)
{
    /// <summary>What is in the file that the task reads; null for generated tasks.</summary>
    public DataCard? Card { get; init; }

    public const int MostSteps = 512, MostFeatures = 32, MostAnswers = 64;
}
