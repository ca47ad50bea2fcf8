namespace Harness.Abstractions.Specs;

/// <summary>The names of stages, as they are stored and shown.</summary>
public static class StageNames
{
    public const string Tuning = "tuning";
    public const string Confirmation = "confirmation";

    /// <summary>Seeds are added and claims looked at until they are decided.</summary>
    public const string Looks = "looks";
}
