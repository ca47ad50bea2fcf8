using Harness.Abstractions.Results;

namespace Harness.Tests.Training.Example;

/// <summary>How many optimizer steps were clipped.</summary>
internal static class ClippedStepsColumn
{
    /// <summary>The entry of <see cref="OutcomeColumn.All"/>.</summary>
    public static OutcomeColumn Column { get; } = new("clipped_steps", outcome => outcome.ClippedShare * outcome.Steps);
}
