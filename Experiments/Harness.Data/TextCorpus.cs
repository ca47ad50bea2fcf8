using System.Globalization;
using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Specs;

namespace Harness.Data;

/// <summary>A text as symbols. The vocabulary comes from the training part alone; every other character is symbol 0, the unknown.</summary>
public sealed class TextCorpus
{
    /// <summary>Symbols that are told apart in any case: enough for every alphabet.</summary>
    private const int Usual = 256;

    private TextCorpus(DecodedText text, int count, IReadOnlyList<Rune> vocabulary)
    {
        var places = vocabulary.Select((character, place) => (character, place)).ToDictionary(pair => pair.character, pair => (ushort)(pair.place + 1));
        var symbols = new ushort[count];
        foreach (var (at, character) in text.Characters().Index()) symbols[at] = places.GetValueOrDefault(character);
        (Symbols, Vocabulary) = (symbols, vocabulary);
    }

    /// <summary>One per character (Unicode scalar value): 0 for the unknown, else 1 + its place in <see cref="Vocabulary"/>.</summary>
    public ReadOnlyMemory<ushort> Symbols { get; }

    /// <summary>The known characters by code point.</summary>
    public IReadOnlyList<Rune> Vocabulary { get; }

    /// <summary>Reads a text by a known vocabulary; null, and problems, when it cannot be used.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="encoding">See <see cref="DataText"/>.</param>
    public static TextCorpus? Read(ReadOnlyMemory<byte> bytes, string name, IReadOnlyList<Rune> vocabulary, IList<DataProblem> problems, string encoding = DataText.Detect)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return DataText.Open(bytes, name, problems, encoding) is { } text ? new(text, text.Characters().Count(), vocabulary) : null;
    }

    /// <summary>Reads a file; null, and problems, when it cannot be used.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="largest">Most characters that the vocabulary holds, the most frequent of the training part; null takes 256, or as many as cover 99.5 % of that part.</param>
    /// <param name="encoding">See <see cref="DataText"/>.</param>
    public static TextCorpus? Read(ReadOnlyMemory<byte> bytes, string name, DataSplit split, int? largest, IList<DataProblem> problems, string encoding = DataText.Detect)
    {
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(problems);
        if (DataText.Open(bytes, name, problems, encoding) is not { } text) return null;
        var length = text.Characters().Count();
        var counts = new Dictionary<Rune, int>();
        foreach (var character in text.Characters().Take(split.Of(length).Train.End)) counts[character] = counts.GetValueOrDefault(character) + 1;
        if (counts.Count < 2)
        {
            problems.Add(counts.Count == 0
                ? new(DiagnosticCodes.TooLittleData, "split", string.Create(CultureInfo.InvariantCulture, $"{name} has {length} characters, none of which fall into the training part"))
                : new(DiagnosticCodes.DegenerateData, "file", $"{name}:1:1: the training part is one character, repeated: there is nothing to learn"));
            return null;
        }

        Rune[] vocabulary = [.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Value).Take(largest ?? Covering(counts.Values)).Select(pair => pair.Key).OrderBy(character => character.Value)];
        return new(text, length, vocabulary);
    }

    /// <summary>How many of the most frequent characters are needed; at least <see cref="Usual"/>.</summary>
    private static int Covering(IReadOnlyCollection<int> counts)
    {
        var wanted = counts.Sum(count => (long)count) * 0.995;
        var (taken, covered) = (0, 0L);
        foreach (var count in counts.OrderDescending())
        {
            if (covered >= wanted || taken == TaskCatalog.LargestVocabulary) break;
            covered += count;
            taken++;
        }

        return Math.Max(Usual, taken);
    }
}
