namespace Harness.Server.Api;

/// <summary>What kind of process answers.</summary>
/// <param name="TakesExperiments">Whether it stays when an experiment is done, so that others can be submitted.</param>
internal sealed record ServerRole(bool TakesExperiments);
