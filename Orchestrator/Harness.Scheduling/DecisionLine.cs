namespace Harness.Scheduling;

/// <summary>
/// The decisions of one scheduler core, in order. When the database refuses one of them, memory is ahead of the database:
/// every later decision of the line rests on the refused one and is not stored either.
/// </summary>
public sealed class DecisionLine
{
    private object? refused;

    /// <summary>Whether one of its decisions was refused.</summary>
    public bool IsBroken => refused is not null;

    /// <summary>Whether a decision may be stored. A refused one may be tried again, with its whole transaction.</summary>
    public bool Holds(object decision) => refused is null || refused == decision;

    /// <summary>The database has refused a decision.</summary>
    public void Break(object decision) => refused ??= decision;
}
