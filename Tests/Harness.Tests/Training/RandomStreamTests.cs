using Harness.Reports.Model;
using Harness.Training.Randomness;


namespace Harness.Tests.Training;

public sealed class RandomStreamTests
{
    /// <summary>The known-answer vectors that the authors publish with Random123 (kat_vectors, philox4x32-10).</summary>
    [Theory]
    [InlineData(0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    public void Philox_answers_as_its_authors_say(uint key, uint counter, uint x0, uint x1, uint x2, uint x3) =>
        Philox.Block((ulong)key << 32 | key, counter, counter, counter, counter).ShouldBe((x0, x1, x2, x3));

    [Fact]
    public void Philox_answers_as_its_authors_say_for_the_digits_of_pi() =>
        Philox.Block(0x299f31d0_a4093822, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344)
            .ShouldBe((0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u));

    [Fact]
    public void Streams_that_differ_in_one_coordinate_share_no_numbers()
    {
        uint[] First(long seed, StreamPurpose purpose, uint first, uint second)
        {
            var random = new RandomStream(seed, purpose, first, second);
            return [.. Enumerable.Range(0, 64).Select(_ => random.NextUInt32())];
        }

        var streams = new[]
        {
            First(1, StreamPurpose.TrainingBatch, 1, 0), First(2, StreamPurpose.TrainingBatch, 1, 0), First(1, StreamPurpose.EvaluationSet, 1, 0),
            First(1, StreamPurpose.TrainingBatch, 2, 0), First(1, StreamPurpose.TrainingBatch, 1, 1),
        };
        streams.SelectMany(numbers => numbers).Distinct().Count().ShouldBe(5 * 64);
    }

    [Fact]
    public void Numbers_below_a_bound_are_equally_likely()
    {
        var random = new RandomStream(7, StreamPurpose.TrainingBatch, 0, 0);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++) counts[random.NextInt32(7)]++;
        // Six degrees of freedom: 22.5 is exceeded by chance once in a thousand.
        counts.Sum(count => (count - 10_000.0) * (count - 10_000.0) / 10_000).ShouldBeLessThan(22.5);
    }

    [Fact]
    public void Uniform_numbers_have_the_mean_and_variance_of_the_unit_interval()
    {
        var random = new RandomStream(3, StreamPurpose.Weights, 0, 0);
        var singles = Enumerable.Range(0, 100_000).Select(_ => (double)random.NextSingle()).ToArray();
        var doubles = Enumerable.Range(0, 100_000).Select(_ => random.NextDouble()).ToArray();
        foreach (var sample in (double[][])[singles, doubles])
        {
            sample.Average().ShouldBe(0.5, 0.004);
            sample.Average(u => (u - 0.5) * (u - 0.5)).ShouldBe(1 / 12.0, 0.001);
            sample.Min().ShouldBeGreaterThanOrEqualTo(0);
            sample.Max().ShouldBeLessThan(1);
        }
    }
}
