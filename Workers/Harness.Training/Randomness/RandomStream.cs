namespace Harness.Training.Randomness;

/// <summary>What random numbers are for. Streams never share a number; the values are part of the trainer's numerical contract.</summary>
internal enum StreamPurpose : uint
{
    Weights = 1,
    TrainingBatch = 2,
    EvaluationSet = 3,
    Language = 4,
    Dropout = 5,
    GeneratedText = 6,
    LabelNoise = 11,
    OtherAnswers = 12,
    Order = 13,
}

/// <summary>Reads the numbers of one stream in order: the stream (seed, purpose, first, second) is a pure function of these four.</summary>
/// <param name="seed">The trial's seed: Philox's key.</param>
/// <param name="purpose">Keeps weights, batches and evaluation apart.</param>
/// <param name="first">Coarse position: the training step, or the weight's name hash.</param>
/// <param name="second">Fine position: the sequence within its batch.</param>
internal sealed class RandomStream(long seed, StreamPurpose purpose, uint first, uint second)
{
    private uint block;
    private int left;
    private uint x0, x1, x2, x3;

    public uint NextUInt32()
    {
        if (left == 0)
        {
            (x0, x1, x2, x3) = Philox.Block((ulong)seed, block++, second, first, (uint)purpose);
            left = 4;
        }

        return left-- switch { 4 => x0, 3 => x1, 2 => x2, _ => x3 };
    }

    /// <summary>U[0, 1) with 24 random bits: exact in float32, so that both precisions train on the same data.</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1f / (1 << 24));

    /// <summary>U[0, 1) with 53 random bits.</summary>
    public double NextDouble()
    {
        var high = (ulong)(NextUInt32() >> 5);
        return (high << 26 | NextUInt32() >> 6) * (1.0 / (1L << 53));
    }

    /// <summary>A whole number of [0, <paramref name="bound"/>), each equally likely (Lemire 2019, rejection included).</summary>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var range = (uint)bound;
        var product = (ulong)NextUInt32() * range;
        if ((uint)product < range)
        {
            var threshold = (uint)-range % range;
            while ((uint)product < threshold) product = (ulong)NextUInt32() * range;
        }

        return (int)(product >> 32);
    }

    /// <summary>A whole number of [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public int NextInt32(int from, int to) => from + NextInt32(to - from);

    /// <summary>A standard normal number, by Marsaglia's polar method.</summary>
    public double NextNormal()
    {
        while (true)
        {
            var (u, v) = (2 * NextDouble() - 1, 2 * NextDouble() - 1);
            var s = u * u + v * v;
            if (s is > 0 and < 1) return u * Math.Sqrt(-2 * PortableMath.Ln(s) / s);
        }
    }
}
