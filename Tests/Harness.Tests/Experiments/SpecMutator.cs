using System.Text;

namespace Harness.Tests.Experiments;

/// <summary>Damages experiment files: mutation <c>i</c> is the same on every machine.</summary>
internal sealed class SpecMutator(IReadOnlyList<byte[]> right, IReadOnlyList<byte[]> wrong)
{
    private static readonly byte[][] Fragments = new[]
    {
        "[", "]", "{", "}", ":", ": ", "- ", "? ", "#", "&a ", "*a", "!!str ", "!x ", "|\n", ">\n", "'", "\"", "\\", "%YAML 1.2\n", "---\n", "...\n", "<<: ", "\t", "\r", "\r\n", "\n",
        "\0", "\u0085", "\u2028", "\uFEFF", "😀", "-1", "0", "1e309", "-0.0", "NaN", ".inf", "0x10", "1_000", "999999999999999999999", "1e-400", "true", "null", "~", ",", "  ", "        ",
        "cell: [rnn, lstm]", "length: { from: 1, to: 100000, steps: 100000 }", "seeds: 100000", "include: [{ cell: lstm, label: a }]", "exclude: [{ cell: rnn }]", "match: parameters", "budget: 50k",
        "claims: [{ id: a, that: rnn, beats: gru, on: parameters }]", "forget_bias: [drawn, 1]", "lr: { rnn: 1, lstm: 2 }", "task: { kind: temporal-order, length: 10, symbols: 3 }",
    }.Select(Encoding.UTF8.GetBytes).Append([0xFF]).Append([0xC3]).Append([0xED, 0xA0, 0x80]).ToArray();

    public byte[] Mutation(int seed, int index)
    {
        var random = new Random(HashSeed(seed, index));
        var bytes = new List<byte>(Pick(random, Originals(random)));

        // Most files get one wound only: those that are still read go deepest into the reader.
        for (var changes = random.Next(4) == 0 ? 4 : 1; changes > 0; changes--) Change(bytes, random);
        return [.. bytes];
    }

    private IReadOnlyList<byte[]> Originals(Random random) => random.Next(4) == 0 ? wrong : right;

    private static int HashSeed(int seed, int index) => unchecked((seed * 486187739) ^ (index * 16777619));

    private static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private void Change(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(random.Next(1, 24), bytes.Count - at);
        switch (random.Next(10))
        {
            case 9 when bytes.FindIndex(at, b => char.IsAsciiDigit((char)b)) is >= 0 and var digit:
                bytes[digit] = (byte)('0' + random.Next(10));
                break;
            case 0 when length > 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1 when length > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                SwapLines(bytes, random);
                break;
            case 6:
                var other = Pick(random, Originals(random));
                var from = random.Next(other.Length + 1);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, random.Next(1, 80))));
                break;
            default:
                bytes.InsertRange(at, Pick(random, Fragments));
                break;
        }
    }

    private static void SwapLines(List<byte> bytes, Random random)
    {
        var lines = Encoding.Latin1.GetString([.. bytes]).Split('\n');
        var (first, second) = (random.Next(lines.Length), random.Next(lines.Length));
        (lines[first], lines[second]) = (lines[second], lines[first]);
        bytes.Clear();
        bytes.AddRange(Encoding.Latin1.GetBytes(string.Join('\n', lines)));
    }
}
