using Harness.Reports.Statistics;
using MathNet.Numerics.Distributions;

namespace Harness.Tests.Reports;

public sealed class GroupSequentialTests
{
    // Lan-DeMets bounds of O'Brien-Fleming type for five equal looks at two-sided 5 %, as ldbounds prints them. Its grid is coarser: an
    // integration over 2,001 points in Python gives 4.8768849 and 3.3570119 for the first two.
    [Fact]
    public void Bounds_of_OBrien_Fleming_type_are_the_published_ones()
    {
        double[] published = [4.8769, 3.3569, 2.6803, 2.2898, 2.0310];
        var bounds = new GroupSequential([1, 2, 3, 4, 5]).Bounds(look => 4 * (1 - Normal.CDF(0, 1, Normal.InvCDF(0, 1, 1 - 0.025 / 2) / Math.Sqrt((look + 1) / 5.0))));
        for (var look = 0; look < 5; look++) bounds[look].ShouldBe(published[look], 1.5e-4);
        bounds[0].ShouldBe(4.876884948776, 1e-7);
        bounds[1].ShouldBe(3.357011921574, 1e-7);
    }

    // DeMets & Lan 1994, table 2: Pocock type, five equal looks, two-sided 5 %.
    [Fact]
    public void Bounds_of_Pocock_type_are_the_published_ones()
    {
        double[] published = [2.44, 2.43, 2.41, 2.40, 2.39];
        var sequential = new GroupSequential([1, 2, 3, 4, 5]);
        var bounds = sequential.Bounds(look => 2 * sequential.Spent(0.025, look));
        for (var look = 0; look < 5; look++) bounds[look].ShouldBe(published[look], 0.005);
    }

    // Jennison & Turnbull 1999, table 2.1: Pocock's constant bound for K looks at two-sided 5 %.
    [Theory]
    [InlineData(2, 2.178)]
    [InlineData(5, 2.413)]
    [InlineData(10, 2.555)]
    public void A_constant_bound_spends_the_whole_level(int looks, double bound)
    {
        var sequential = new GroupSequential([.. Enumerable.Range(1, looks)]);
        // The spending of a constant bound is unknown, so find it look by look, and ask for it back.
        var spent = SpentBy(looks, bound);
        spent[^1].ShouldBe(0.05, 1e-3);
        sequential.Bounds(look => spent[look]).ShouldAllBe(found => Math.Abs(found - bound) < 5e-3);
    }

    [Fact]
    public void Looks_together_spend_the_level_on_simulated_sums()
    {
        int[] looks = [8, 12, 16, 20, 30];
        var nominal = new GroupSequential(looks).Nominal(0.05);
        var random = new Random(5);
        const int Runs = 200_000;
        var crossed = 0;
        for (var run = 0; run < Runs; run++)
        {
            var (sum, seeds, hit) = (0.0, 0, false);
            for (var look = 0; look < looks.Length && !hit; look++)
            {
                sum += Normal.InvCDF(0, 1, random.NextDouble() + 1e-18) * Math.Sqrt(looks[look] - seeds);
                seeds = looks[look];
                hit = 2 * Normal.CDF(0, 1, -Math.Abs(sum) / Math.Sqrt(seeds)) <= nominal[look];
            }

            if (hit) crossed++;
        }

        (crossed / (double)Runs).ShouldBe(0.05, 4 * Math.Sqrt(0.05 * 0.95 / Runs));
    }

    [Fact]
    public void A_p_value_pays_for_the_looks_before()
    {
        var sequential = new GroupSequential([8, 12, 16, 20, 30]);
        foreach (var overall in new[] { 0.05, 0.05 / 6, 1e-4, 1e-7 })
        {
            var nominal = sequential.Nominal(overall);
            for (var look = 0; look < 5; look++)
            {
                nominal[look].ShouldBeLessThan(overall);
                sequential.Adjust(nominal[look], look).ShouldBe(overall, overall * 2e-3);
            }
        }

        sequential.Adjust(0, 0).ShouldBe(1e-9, 1e-15);
        sequential.Adjust(1, 4).ShouldBe(1);
        // One look is a plain test.
        new GroupSequential([10]).Adjust(0.03, 0).ShouldBe(0.03, 1e-6);
    }

    [Fact]
    public void Looks_must_ascend()
    {
        Should.Throw<ArgumentException>(() => new GroupSequential([]));
        Should.Throw<ArgumentException>(() => new GroupSequential([8, 8]));
        Should.Throw<ArgumentException>(() => new GroupSequential([0, 8]));
    }

    /// <summary>Cumulative error of a constant bound over equal looks, by a plain integration on a fine grid of the sum.</summary>
    private static double[] SpentBy(int looks, double bound)
    {
        const double Width = 0.02;
        var spent = new double[looks];
        var density = new Dictionary<int, double>();
        var total = 0.0;
        for (var look = 1; look <= looks; look++)
        {
            var limit = bound * Math.Sqrt(look);
            if (look == 1)
            {
                total = 2 * Normal.CDF(0, 1, -limit);
                for (var i = -(int)(limit / Width); i <= limit / Width; i++) density[i] = Normal.PDF(0, 1, i * Width);
            }
            else
            {
                total += density.Sum(cell => Width * cell.Value * (Normal.CDF(0, 1, (cell.Key * Width) - limit) + Normal.CDF(0, 1, (-cell.Key * Width) - limit)));
                var next = new Dictionary<int, double>();
                for (var i = -(int)(limit / Width); i <= limit / Width; i++) next[i] = density.Sum(cell => Width * cell.Value * Normal.PDF(0, 1, (i - cell.Key) * Width));
                density = next;
            }

            spent[look - 1] = total;
        }

        return spent;
    }
}
