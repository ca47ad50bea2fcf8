using System.Text;
using Harness.Abstractions.Results;
using Harness.Training.Backends;
using Harness.Training.Randomness;
using Harness.Training.Tasks;

namespace Harness.Training;

/// <summary>
/// Continues the beginning of the test part with a trained network: each next character is drawn from its probabilities, raised to 1 ÷ temperature and scaled to add up to 1. The unknown
/// symbol is never drawn. The draws are a pure function of the trial's seed, the temperature's place and the character's.
/// </summary>
/// <param name="seed">The trial's seed.</param>
internal sealed class TextGenerator(TextTask task, ModelAnswers model, long seed)
{
    /// <summary>Characters of each text at least and at most, and operations for all of them: large vocabularies give shorter texts.</summary>
    private const int Fewest = 40, Most = 160;

    private const double Operations = 3e9;

    /// <summary>Characters that the network sees before each draw, at most.</summary>
    private const int MostContext = 64;

    /// <param name="hidden">H, to keep the cost within bounds.</param>
    /// <returns>What was continued, and a text for each of <see cref="GeneratedText.Temperatures"/>; null where the test part is shorter than any context.</returns>
    public (string Prompt, IReadOnlyList<GeneratedText> Texts)? Generate(int hidden, int layers)
    {
        var context = Math.Min(task.Shape.Steps, MostContext);
        if (task.TestStretch(1) is not [var start]) return null;
        var prompt = task.Passage(start, context);
        var temperatures = GeneratedText.Temperatures;
        var cost = 8.0 * context * temperatures.Count * hidden * ((double)task.Shape.InputSize + (2.0 * layers - 1) * hidden);
        var length = (int)Math.Clamp(Operations / cost, Fewest, Most);
        int[][] windows = [.. temperatures.Select(_ => (int[])prompt.Clone())];
        StringBuilder[] texts = [.. temperatures.Select(_ => new StringBuilder())];
        RandomStream[] draws = [.. temperatures.Select((_, place) => new RandomStream(seed, StreamPurpose.GeneratedText, (uint)place, 0))];
        for (var drawn = 0; drawn < length; drawn++)
        {
            var batch = task.Passages(windows);
            var answers = model.Of(batch);
            for (var place = 0; place < windows.Length; place++)
            {
                var symbol = Draw(ModelAnswers.Last(batch, answers, place), temperatures[place], draws[place].NextDouble());
                texts[place].Append(task.CharacterOf(symbol));
                Array.Copy(windows[place], 1, windows[place], 0, context - 1);
                windows[place][^1] = symbol;
            }
        }

        return (string.Concat(prompt.Select(symbol => symbol == 0 ? "\uFFFD" : task.CharacterOf(symbol))), [.. temperatures.Select((temperature, place) => new GeneratedText(temperature, texts[place].ToString()))]);
    }

    /// <summary>The symbol at a place from 0 to 1 of the cumulated probabilities; the likeliest where scores are no numbers.</summary>
    private static int Draw(ReadOnlySpan<double> scores, double temperature, double place)
    {
        var known = scores[1..].ToArray();
        for (var i = 0; i < known.Length; i++) known[i] = double.IsNaN(known[i]) ? double.NegativeInfinity : known[i] / temperature;
        if (!double.IsFinite(known.Max())) return 1;
        var shares = ModelAnswers.Probabilities(known);
        double sum = 0;
        for (var i = 0; i < shares.Length; i++)
        {
            sum += shares[i];
            if (place < sum) return i + 1;
        }

        return Array.IndexOf(shares, shares.Max()) + 1;
    }
}
