using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>One kind of step that a timing trial measured, as a row of figures and tables.</summary>
internal sealed record TimedRow(Facet Facet, Arm Arm, TimedArm Timed, ArmTiming Timing)
{
    /// <summary>The whole experiment's, each kind of step once, in the order of facets and arms.</summary>
    public static IReadOnlyList<TimedRow> Of(IReadOnlyList<Facet> facets) =>
    [
        .. facets.SelectMany(facet => facet.Arms.SelectMany(arm => arm.Condition.Timed.Where(timed => timed.Timing is not null).Select(timed => new TimedRow(facet, arm, timed, timed.Timing!))))
            // Conditions that differ in what no step's time depends on share what was measured.
            .DistinctBy(row => row.Timing, ReferenceEqualityComparer.Instance),
    ];

    public double Median { get; } = Quantiles.Median(Timing.StepMs);

    public (double First, double Third) Quartiles { get; } = (Quantile(Timing.StepMs, 0.25), Quantile(Timing.StepMs, 0.75));

    /// <summary>Operations per second of the matrix products, in 10⁹.</summary>
    public double Gflops => Timing.FlopsPerStep / Median / 1e6;

    /// <summary>Share of what the cores that it used can do with multiply-adds; on a CUDA device, of libtorch's large matrix product.</summary>
    public double? PeakShare => Timed.Run.Result is not { } run ? null
        : Arm.Condition.Trial.Device == DeviceKind.Cuda ? Arm.Condition.Trial.Dtype == Precision.Float32 ? Gflops / Quantiles.Median(run.MatmulGflops) : null
        // A register holds half as many numbers of twice the size.
        : Gflops / (Quantiles.Median(run.MultiplyAddGflops) * Timed.Threads / (Arm.Condition.Trial.Dtype == Precision.Float64 ? 2 : 1));

    public string Kernel => Timed.Kernel.ToString().ToLowerInvariant();

    public string Path(Texts texts) => texts.KernelPath(Kernel, Timed.Threads, Timed.IsOwn);

    private static double Quantile(double[] values, double probability) => Quantiles.Quantile(Quantiles.Sorted(values), probability);
}
