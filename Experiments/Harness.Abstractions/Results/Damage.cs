
namespace Harness.Abstractions.Results;

/// <summary>A part of stored results that is no longer as it was written.</summary>
/// <param name="Trial">The trial's number in its database; null where the part is no single trial's.</param>
/// <param name="Metric">The curve's metric.</param>
/// <param name="Step">The first optimizer step of the damaged stretch of a curve.</param>
public sealed record Damage(DamagedPart Part, long? Trial = null, string? Metric = null, int? Step = null)
{
    public override string ToString() => Part switch
    {
        DamagedPart.Experiment => "the experiment's file, settings or conditions",
        DamagedPart.Trial => FormattableString.Invariant($"the results of trial {Trial}"),
        DamagedPart.Curve => FormattableString.Invariant($"the curve {Metric} of trial {Trial} from step {Step}"),
        DamagedPart.Environment => "the record of an environment",
        _ => "the example sequence of a task",
    };
}

public enum DamagedPart
{
    Experiment,
    Trial,
    Curve,
    Environment,
    Sample,
}
