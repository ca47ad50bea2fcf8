using System.Text.Json.Serialization;
using Harness.Experiments.Specs;

namespace Harness.Experiments.Contracts;

/// <summary>What a worker writes to a trainer's standard input: one JSON object per line.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TrainRequest), "train")]
[JsonDerivedType(typeof(StopRequest), "stop")]
public abstract record TrainerRequest;

/// <summary>Train this trial from its first step to its last.</summary>
/// <param name="Attempt">Echoed in every frame, so that a late frame of an earlier attempt is recognised.</param>
/// <param name="Trial">What to train.</param>
public sealed record TrainRequest(string Attempt, TrialSpec Trial) : TrainerRequest;

/// <summary>Give the running trial up at the next step and report <see cref="TrialStopped"/>.</summary>
public sealed record StopRequest(string Attempt) : TrainerRequest;
