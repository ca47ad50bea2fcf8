using Harness.Experiments.Planning;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>What came of reading an experiment file.</summary>
/// <param name="Spec">The experiment; null exactly when there is an error among the diagnostics.</param>
/// <param name="Diagnostics">Everything wrong with it, by place, at most twenty.</param>
/// <param name="Omitted">How many diagnostics were left out.</param>
public sealed record SpecReading(ExperimentSpec? Spec, IReadOnlyList<SpecDiagnostic> Diagnostics, int Omitted = 0);
