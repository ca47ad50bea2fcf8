using System.Diagnostics;
using System.Globalization;
using System.Text;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Experiments.Reading;
using Harness.Experiments.Starting;
using Harness.Tests.Experiments;
using Harness.Training.Tasks;

namespace Harness.Tests.Training;

/// <summary>Damaged data files: whatever the bytes are, the answer is a plan that the trainer can carry out, or a diagnostic.</summary>
public sealed class DataFuzzTests
{
    private const int Seed = 20_262, Quick = 2_000;

    /// <summary>How many damaged files are read; HARNESS_FUZZ=1000000 reads a million.</summary>
    private static readonly int mutations = int.TryParse(Environment.GetEnvironmentVariable("HARNESS_FUZZ"), CultureInfo.InvariantCulture, out var count) ? count : 100_000;

    /// <summary>A file is small, so that one that takes so long hangs.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

    private static readonly byte[][] fragments = new[]
    {
        ",", ";", "\t", "|", "\"", "\"\"", "\n", "\r\n", "\r", "\n\n", "\0", "\uFEFF", "NaN", "NA", "?", "-200", "1e309", "-1e400", "1e-400", "inf", "-", "+", ".", "1,5", "1.234.567,8", "0x10",
        "９", "1949-13", "2024-02-30", "99:99", "train", "test", "up", "é", "😀", "\u2028", "sep=;\n", "'", "#", " ", "        ", new string('9', 400), new string('x', 300),
    }.Select(Encoding.UTF8.GetBytes).Append([0xFF]).Append([0xC3]).Append([0xFF, 0xFE]).Append([0xED, 0xA0, 0x80]).ToArray();

    /// <summary>Experiment files with the small data file that each reads.</summary>
    private static (string Name, string Yaml, byte[] Data)[] Seeds
    {
        get
        {
            (string Name, string Text)[] kinds =
            [
                ("monthly.csv", StartSamples.Monthly), ("european.csv", StartSamples.European), ("pandas.csv", StartSamples.Pandas), ("several.csv", StartSamples.Interleaved), ("backwards.csv", StartSamples.NewestFirst),
                ("classes.csv", StartSamples.Activities), ("whole.ts", StartSamples.Ts(30, 2, 0)), ("poem.txt", StartSamples.Prose),
            ];
            return
            [
                .. kinds.Select(kind =>
                {
                    var started = ExperimentStart.Of([new(kind.Name, StartSamples.Utf8(kind.Text))], null);
                    return (started.DataName, started.Yaml, started.Data ?? StartSamples.Utf8(kind.Text));
                }),
                ("parts.csv", SpecText.OverSeries("target: v, columns: [v, w], missing: mask, missing_values: [NA], categorical: [w], part: p, horizon: 2", "parts.csv"),
                    StartSamples.Utf8("v,w,p\n" + string.Concat(Enumerable.Range(0, 120).Select(row => $"{(row % 17 == 3 ? "NA" : row % 7)},{"ab"[row % 2]},{(row < 70 ? "train" : row < 95 ? "validation" : "test")}\n")))),
            ];
        }
    }

    [Fact]
    public void Damaged_data_are_planned_or_refused() => Fuzz(Quick);

    [SlowFact(Category.Search)]
    public void Damaged_data_by_the_hundred_thousand_are_planned_or_refused() => Fuzz(mutations);

    private static void Fuzz(int count)
    {
        var seeds = Seeds;
        var (planned, refused) = (0, 0);
        Parallel.For(0, count, index =>
        {
            var (name, yaml, data) = seeds[index % seeds.Length];
            var bytes = Mutation(data, seeds[(index + 1) % seeds.Length].Data, index);
            var started = Stopwatch.GetTimestamp();
            try
            {
                if (Read(yaml, name, bytes)) Interlocked.Increment(ref planned);
                else Interlocked.Increment(ref refused);
                if (Stopwatch.GetElapsedTime(started) > patience) throw new TimeoutException($"it took {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
            }
            catch (Exception problem)
            {
                throw new InvalidOperationException($"Mutation {index} of {name}: {problem.Message}\n{Convert.ToBase64String(bytes)}", problem);
            }
        });

        // Damage that always or never leaves a plan behind would test little.
        planned.ShouldBeInRange(count / 10, count * 9 / 10);
        refused.ShouldBe(count - planned);
    }

    /// <summary>Whether the file is planned. A plan must hold: the trainer reads the file, describes it, and cuts sequences of numbers from it.</summary>
    private static bool Read(string yaml, string name, byte[] bytes)
    {
        var reading = SpecReader.Read(Encoding.UTF8.GetBytes(yaml), SpecText.FileName, [], new OneFile(name, bytes));
        foreach (var diagnostic in reading.Diagnostics) diagnostic.Message.ShouldNotBeNullOrWhiteSpace();
        if (reading.Spec is not { } spec)
        {
            reading.Diagnostics.ShouldNotBeEmpty();
            return false;
        }

        var trial = spec.Conditions[0].Trial;
        var task = SequenceTask.Create(trial.Task, bytes)!;
        task.Card().ShouldNotBeNull();
        task.Describe().Inputs.Size.ShouldBe(task.Shape.InputSize);
        foreach (var batch in (SequenceBatch[])[task.TrainingBatch(1, 1, 8), task.Evaluation(1, 0, 8), .. task.TestSequences > 0 ? [task.Test(0, 8)] : Array.Empty<SequenceBatch>()])
        {
            batch.Inputs.ShouldAllBe(value => float.IsFinite(value));
            batch.Values.ShouldAllBe(value => float.IsFinite(value));
            batch.Classes.ShouldAllBe(value => value >= 0 && value < task.Shape.OutputSize);
        }

        foreach (var score in task.Baselines(20))
        {
            double.IsNaN(score.Loss).ShouldBeFalse(score.Name);
            score.Measures.ShouldAllBe(measure => !double.IsNaN(measure.Value));
        }

        return true;
    }

    /// <summary>Damage <paramref name="index"/> of a file: the same on every machine.</summary>
    private static byte[] Mutation(byte[] data, byte[] other, int index)
    {
        var random = new Random(unchecked((Seed * 486187739) ^ (index * 16777619)));
        var bytes = new List<byte>(data);
        for (var changes = random.Next(3) == 0 ? 4 : 1; changes > 0; changes--)
        {
            // Half of the wounds are near the header and the first rows, where formats are guessed.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Count, 120) + 1 : bytes.Count + 1);
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(9))
            {
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
                case 5 when bytes.FindIndex(at, each => char.IsAsciiDigit((char)each)) is >= 0 and var digit:
                    bytes[digit] = (byte)('0' + random.Next(10));
                    break;
                case 6:
                    var from = random.Next(other.Length + 1);
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, random.Next(1, 80))));
                    break;
                default:
                    bytes.InsertRange(at, fragments[random.Next(fragments.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }

    private sealed class OneFile(string name, byte[] content) : IDataFiles
    {
        public DataFile Open(string path) => path == name ? DataFile.Of(path, content) : throw DataFileException.Missing();
    }
}
