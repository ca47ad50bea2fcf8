using System.Runtime.InteropServices;
using Harness.Abstractions.Catalog;

namespace Harness.Data;

/// <summary>Baselines of a text: counted in the training part, evaluated on the passages on which networks are. They see no more than the passage.</summary>
public static class TextBaselines
{
    /// <summary>Characters before the one that is predicted.</summary>
    private const int Order = 3;

    private const int MostCounted = 4_000_000;

    /// <param name="symbols">The text.</param>
    /// <param name="train">Symbols of the training part, from the start.</param>
    /// <param name="count">Symbols there are.</param>
    /// <param name="validation">First symbols of the passages.</param>
    /// <param name="test">The same of the test part; empty for none.</param>
    public static IReadOnlyList<BaselineScore> Evaluate(ReadOnlySpan<ushort> symbols, int train, int count, int length, int[] validation, int[] test)
    {
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(test);
        var counts = new Dictionary<ulong, (int Times, int Kinds)>();
        var counted = symbols[Math.Max(0, train - MostCounted)..train];
        for (var at = 0; at < counted.Length; at++)
            for (var before = 0; before <= Math.Min(Order, at); before++)
            {
                ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, Key(counted[(at - before)..(at + 1)]), out var exists);
                seen.Times++;
                ref var context = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, Context(counted[(at - before)..at]), out _);
                context.Times++;
                if (!exists) context.Kinds++;
            }

        return
        [
            Score(BaselineCatalog.Frequencies, symbols, 0),
            Score(BaselineCatalog.Ngram, symbols, Order),
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
                    loss -= Math.Log(Probability(text[Math.Max(start, at - order)..(at + 1)]));
                }

            return loss / ((double)starts.Length * length);
        }

        // The share of the symbol after these symbols, mixed with its share after fewer (Witten & Bell 1991).
        double Probability(ReadOnlySpan<ushort> run)
        {
            var probability = 1.0 / count;
            for (var before = 0; before < run.Length; before++)
            {
                var part = run[(run.Length - 1 - before)..];
                if (!counts.TryGetValue(Context(part[..^1]), out var context)) break;
                var times = counts.GetValueOrDefault(Key(part)).Times;
                probability = (times + context.Kinds * probability) / (context.Times + context.Kinds);
            }

            return probability;
        }
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
