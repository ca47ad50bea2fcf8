using System.Text.Json.Serialization;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Contracts;

/// <summary>What a worker writes to a trainer's standard input: one JSON object per line.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TrainRequest), "train")]
[JsonDerivedType(typeof(TrainPackRequest), "train_pack")]
[JsonDerivedType(typeof(StopRequest), "stop")]
public abstract record TrainerRequest;

/// <summary>Train this trial to its last step, from its first or from a checkpoint.</summary>
/// <param name="Attempt">Echoed in every frame, so that a late frame of an earlier attempt is recognised.</param>
/// <param name="Trial">What to train.</param>
/// <param name="Checkpoint">Where the trial resumes from, and leaves checkpoints; null writes and reads none. It changes no outcome.</param>
/// <param name="Data">Full path of the file whose SHA-256 the trial names; null for generated tasks. Only its content counts, which the trainer verifies.</param>
/// <param name="Weights">Full path of the file that the trial's initial weights come from, likewise; null where all are drawn.</param>
public sealed record TrainRequest(string Attempt, TrialSpec Trial, CheckpointRequest? Checkpoint = null, string? Data = null, string? Weights = null) : TrainerRequest;

/// <summary>Train these trials side by side, each a step in its turn. What each of them finds is what it would find alone.</summary>
/// <param name="Trials">At least one. Every one begins, ends, is stopped and resumes from checkpoints by itself.</param>
public sealed record TrainPackRequest(IReadOnlyList<TrainRequest> Trials) : TrainerRequest;

/// <summary>Resume from the newest sound checkpoint of this trial in the folder, if there is one, and leave checkpoints there.</summary>
/// <param name="Folder">A full path. Created when needed; trials may share it, for files are named after the trial's identity.</param>
/// <param name="EverySteps">Steps between checkpoints; null sets no such interval.</param>
/// <param name="EverySeconds">Seconds between checkpoints; null means 30, or none when <paramref name="EverySteps"/> is given.</param>
public sealed record CheckpointRequest(string Folder, int? EverySteps = null, double? EverySeconds = null)
{
    public const double DefaultSeconds = 30;
}

/// <summary>Give the running trial up at the next step, leave a checkpoint if a folder was named, and report <see cref="TrialStopped"/>.</summary>
public sealed record StopRequest(string Attempt) : TrainerRequest;
