namespace Harness.Abstractions.Settings;

/// <summary>The keys of an experiment file that are no settings but hold something of their own.</summary>
public static class BlockNames
{
    public const string Matrix = "matrix";
    public const string Seeds = "seeds";
    public const string Claims = "claims";
    public const string Tune = "tune";
}
