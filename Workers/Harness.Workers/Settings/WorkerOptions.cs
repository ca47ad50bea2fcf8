using Harness.Workers.Checkpoints;
using Harness.Workers.Data;

namespace Harness.Workers.Settings;

/// <summary>How a worker runs.</summary>
public sealed class WorkerOptions
{
    /// <summary>Trials at once. One per physical core is best on a CPU: a second thread for one trial gains less than a second trial.</summary>
    public int Slots { get; set; } = Environment.ProcessorCount;

    /// <summary>Torch threads per trial.</summary>
    public int Threads { get; set; } = 1;

    /// <summary>The trainer's executable; null for the one that belongs to this program.</summary>
    public string? Trainer { get; set; }

    /// <summary>Where the data files are that trials name by their hash; null when there are none.</summary>
    public ContentFolder? Content { get; set; }

    /// <summary>Time between heartbeats; well below a third of the lease, so that two lost ones cost nothing.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long one call for work may stay open.</summary>
    public TimeSpan AcquireWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a trainer may take to come up. A first start copies or links a 450 MB library on a busy machine.</summary>
    public TimeSpan TrainerStartTimeout { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>What experiments can ask for by <c>run.label</c>.</summary>
    public IReadOnlyList<string> Labels { get; set; } = [];

    /// <summary>Whether it begins with the self-check trial, for there may be workers to compare it with.</summary>
    public bool Canary { get; set; }

    /// <summary>The data folder of a worker that may not share the server's; null when it does.</summary>
    public string? OwnFolder { get; set; }

    /// <summary>Where checkpoints and final weights go; null leaves none.</summary>
    public CheckpointFiles? Files { get; set; }
}
