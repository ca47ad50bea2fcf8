namespace Harness.Tests;

/// <summary>What a slow test needs or does. A quick test has no category.</summary>
public enum Category
{
    /// <summary>Opens pages in a browser.</summary>
    Browser,

    /// <summary>Trains every file of the catalogue.</summary>
    Catalogue,

    /// <summary>Random inputs, planted mistakes and simulated clusters, by the thousand.</summary>
    Search,

    /// <summary>Kills, stops and restarts processes.</summary>
    Kills,

    /// <summary>Runs other people's tools on what is exported: LaTeX, PyTorch, matplotlib, the SDK on a single file. Not part of "all": they are large.</summary>
    Tools,

    /// <summary>Several machines: network namespaces, a Redis server.</summary>
    Machines,

    /// <summary>Whole runs of the program.</summary>
    Runs,

    /// <summary>Trains long enough to compare backends or resumed trials.</summary>
    Training,
}
