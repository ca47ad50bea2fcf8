namespace Harness.Abstractions.Contracts;

/// <summary>The worker was declared gone and speaks again; it must start over under a new identity.</summary>
[GenerateSerializer, Alias("harness.worker-gone")]
public sealed class WorkerGoneException(string worker)
    : Exception($"The worker '{worker}' was declared lost; other workers have its leases. It must rejoin under a new name.");
