namespace Harness.Tests;

/// <summary>Tests that use every core: they run by themselves, one after another.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Measurements
{
    public const string Name = "measurements";
}
