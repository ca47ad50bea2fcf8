using Harness.Reports.Model;
using Harness.Training.Engine;


namespace Harness.Tests.Training;

public sealed class SumOfSquaresTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(47)]
    public void It_adds_all_of_them_up_with_and_without_a_rest(int count)
    {
        double[] numbers = [.. Enumerable.Range(1, count).Select(i => i / 8.0)];
        var wanted = numbers.Sum(number => number * number);
        SumOfSquares.Of<double>(numbers).ShouldBe(wanted);
        SumOfSquares.Of<float>([.. numbers.Select(number => (float)number)]).ShouldBe(wanted);
        SumOfSquares.Of<float>([1e-30f]).ShouldBe((double)1e-30f * 1e-30f);
    }

    [Fact]
    public void Rows_have_their_norms_and_what_lies_behind_them_is_not_looked_at()
    {
        var norms = new double[2];
        RowNorms.Square<float>([3, 4, 6, 8, 1, 1], 2, norms);
        norms.ShouldBe([25, 100]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(19)]
    public void Roots_taken_together_have_the_bits_of_each_alone(int count)
    {
        double[] squares = [.. Enumerable.Range(0, count).Select(i => i switch { 1 => double.Epsilon, 2 => double.MaxValue, 3 => double.PositiveInfinity, 4 => double.NaN, _ => i / 7.0 })];
        double[] roots = [.. squares];
        RowNorms.Root(roots);
        roots.Select(BitConverter.DoubleToInt64Bits).ShouldBe(squares.Select(square => BitConverter.DoubleToInt64Bits(Math.Sqrt(square))));
    }
}
