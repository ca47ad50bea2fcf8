using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Harness.Abstractions.Catalog;

namespace Harness.Data;

/// <summary>Baselines of a text: counted in the training part, evaluated on the passages on which networks are. They see no more than the passage.</summary>
public static class TextBaselines
{
    /// <param name="symbols">The text.</param>
    /// <param name="counts">Of the training part, of this text or another one.</param>
    /// <param name="count">Symbols there are.</param>
    /// <param name="validation">First symbols of the passages.</param>
    /// <param name="test">The same of the test part; empty for none.</param>
    public static IReadOnlyList<BaselineScore> Evaluate(ReadOnlySpan<ushort> symbols, TextCounts counts, int count, int length, int[] validation, int[] test)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(test);
        return
        [
            Score(BaselineCatalog.Frequencies, symbols, 0),
            Score(BaselineCatalog.Ngram, symbols, TextCounts.Order),
        ];

        BaselineScore Score(string name, ReadOnlySpan<ushort> text, int order)
        {
            var loss = Loss(text, validation, order);
            if (test.Length == 0) return new(name, loss, null);
            var tested = Loss(text, test, order);
            return new(name, loss, tested) { Measures = TestMeasures.OfText(tested) };
        }

        double Loss(ReadOnlySpan<ushort> text, int[] starts, int order)
        {
            double loss = 0;
            foreach (var start in starts)
                for (var step = 0; step < length; step++)
                {
                    var at = start + step + 1;
                    loss -= Math.Log(counts.Probability(text[Math.Max(start, at - order)..(at + 1)], count));
                }

            return loss / ((double)starts.Length * length);
        }
    }
}

/// <summary>How often runs of characters come in a text, and how many kinds follow them.</summary>
public sealed class TextCounts
{
    /// <summary>Characters before the one that is predicted.</summary>
    public const int Order = 3;

    private const int MostCounted = 4_000_000;

    /// <summary>Bytes of a stored run: key, times and kinds.</summary>
    public const int StoredBytes = 16;

    /// <summary>More runs than this are not stored: they would outweigh any model that learned them.</summary>
    private const int MostStored = 400_000;

    private readonly Dictionary<ulong, (int Times, int Kinds)> counts = [];

    private TextCounts()
    {
    }

    /// <summary>Counts the training part, or the end of a long one.</summary>
    public static TextCounts Of(ReadOnlySpan<ushort> train)
    {
        var counted = train[Math.Max(0, train.Length - MostCounted)..];
        var found = new TextCounts();
        for (var at = 0; at < counted.Length; at++)
            for (var before = 0; before <= Math.Min(Order, at); before++)
            {
                ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(found.counts, Key(counted[(at - before)..(at + 1)]), out var exists);
                seen.Times++;
                ref var context = ref CollectionsMarshal.GetValueRefOrAddDefault(found.counts, Context(counted[(at - before)..at]), out _);
                context.Times++;
                if (!exists) context.Kinds++;
            }

        return found;
    }

    /// <summary>Counts that were stored.</summary>
    public static TextCounts Of(byte[] stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var found = new TextCounts();
        for (var at = 0; at + StoredBytes <= stored.Length; at += StoredBytes)
        {
            var entry = stored.AsSpan(at);
            found.counts[BinaryPrimitives.ReadUInt64LittleEndian(entry)] = (BinaryPrimitives.ReadInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadInt32LittleEndian(entry[12..]));
        }

        return found;
    }

    /// <summary>The counts to be stored, in the order of their keys; null where there are too many.</summary>
    public byte[]? Stored()
    {
        if (counts.Count > MostStored) return null;
        var (stored, at) = (new byte[counts.Count * StoredBytes], 0);
        foreach (var (key, (times, kinds)) in counts.OrderBy(entry => entry.Key))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(stored.AsSpan(at), key);
            BinaryPrimitives.WriteInt32LittleEndian(stored.AsSpan(at + 8), times);
            BinaryPrimitives.WriteInt32LittleEndian(stored.AsSpan(at + 12), kinds);
            at += StoredBytes;
        }

        return stored;
    }

    /// <summary>The share of the run's last symbol after those before it, mixed with its share after fewer (Witten &amp; Bell 1991).</summary>
    /// <param name="symbols">Symbols there are.</param>
    public double Probability(ReadOnlySpan<ushort> run, int symbols)
    {
        var probability = 1.0 / symbols;
        for (var before = 0; before < run.Length; before++)
        {
            var part = run[(run.Length - 1 - before)..];
            if (!counts.TryGetValue(Context(part[..^1]), out var context)) break;
            var times = counts.GetValueOrDefault(Key(part)).Times;
            probability = (times + context.Kinds * probability) / (context.Times + context.Kinds);
        }

        return probability;
    }

    /// <summary>At most four symbols of 13 bits, with their number before them.</summary>
    private static ulong Key(ReadOnlySpan<ushort> run)
    {
        var key = (ulong)run.Length;
        foreach (var symbol in run) key = key << 13 | symbol;
        return key;
    }

    private static ulong Context(ReadOnlySpan<ushort> run) => Key(run) | 1UL << 63;
}
