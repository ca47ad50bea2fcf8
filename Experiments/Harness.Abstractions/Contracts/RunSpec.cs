

namespace Harness.Abstractions.Contracts;

/// <param name="Slots">Trials at once on this machine; null means one per core.</param>
/// <param name="TrialRetries">How often a trial that failed by itself is tried again.</param>
/// <param name="InfrastructureRetries">How often a trial that lost its worker or process is tried again.</param>
/// <param name="Attempts">What its attempts are run under; null for the defaults.</param>
/// <param name="Exclusive">Whether each trial gets a machine to itself.</param>
/// <param name="Memory">Bytes of main memory per slot that a worker must have; 0 for no demand.</param>
/// <param name="Label">The label that a worker must have; null for no demand.</param>
/// <param name="Pack">How many trials a slot may train side by side; null leaves it to <see cref="Specs.Packing"/>.</param>
public sealed record RunSpec(
    int? Slots = null,
    int TrialRetries = 1,
    int InfrastructureRetries = 10,
    int Priority = 0,
    AttemptTerms? Attempts = null,
    bool Exclusive = false,
    long Memory = 0,
    string? Label = null,
    int? Pack = null);
