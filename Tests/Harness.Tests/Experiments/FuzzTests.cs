using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

[Collection(Measurements.Name)]
public sealed class FuzzTests
{
    /// <summary>How many damaged files are read; HARNESS_FUZZ=1000000 reads a million.</summary>
    private static readonly int Mutations = int.TryParse(Environment.GetEnvironmentVariable("HARNESS_FUZZ"), CultureInfo.InvariantCulture, out var count) ? count : 100_000;

    private const int Seed = 20_261;

    [SlowFact(Category.Search)]
    public void Whatever_the_bytes_are_the_answer_is_a_spec_or_a_diagnostic()
    {
        var right = Directory.GetFiles(SpecText.Catalog, "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Append(Encoding.UTF8.GetBytes(SpecText.Small)).ToArray();
        var wrong = Directory.GetFiles(WrongFileTests.Folder, "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        var mutator = new SpecMutator(right, wrong);
        var codes = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var specs = 0;

        Parallel.For(0, Mutations, index =>
        {
            var bytes = mutator.Mutation(Seed, index);
            try
            {
                var reading = CheckReading(bytes);
                if (reading.Spec is not null) Interlocked.Increment(ref specs);
                foreach (var diagnostic in reading.Diagnostics) codes.AddOrUpdate(diagnostic.Code, 1, (_, count) => count + 1);
            }
            catch (Exception problem)
            {
                throw new InvalidOperationException($"Mutation {index} of seed {Seed}: {problem.Message}\n{Convert.ToBase64String(bytes)}", problem);
            }
        });

        // Damage that always or never leaves a spec behind would test little.
        specs.ShouldBeInRange(Mutations / 20, Mutations * 19 / 20);
        codes.Count.ShouldBeGreaterThan(25, string.Join(' ', codes.Keys.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Whatever_is_set_on_the_command_line_the_answer_is_a_spec_or_a_diagnostic()
    {
        string[] paths = ["", "train.steps", "lr", "train.optimizer.lr.rnn", "matrix", "matrix.length", "matrix.include", "matrix.", ".", "..", "seeds", "seeds.count", "task", "model", "claims", "name", "a b", "é", "\0", new string('x', 5_000)];
        string[] values = ["", "1", "x", "[", "[1, 2]", "{", "{ a: b }", "[[[]]]", "*a", "&a b", "!t x", "{ kind: adding, length: 10 }", "\0", "\t[1]", "[1]\n---\n[2]", "'", "🙂", "[\u2028]", new string('[', 40), new string('1', 9_000)];
        string[] joints = ["=", " = ", "==", "", ":"];

        foreach (var path in paths)
        {
            foreach (var value in values)
            {
                foreach (var joint in joints) CheckReading(Encoding.UTF8.GetBytes(SpecText.Small), $"{path}{joint}{value}");
            }
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("a: ")]
    [InlineData("'")]
    [InlineData("\"")]
    [InlineData("\"\\")]
    [InlineData("#")]
    [InlineData("\n")]
    [InlineData(" ")]
    [InlineData("a: b\n")]
    [InlineData("a:\n")]
    [InlineData("- a\n")]
    [InlineData("[],")]
    [InlineData("a, ")]
    [InlineData("! ")]
    [InlineData("%TAG ! x\n")]
    [InlineData("--- ")]
    [InlineData("---\n")]
    [InlineData("...\n")]
    [InlineData("| \n")]
    [InlineData("&a ")]
    [InlineData("*a ")]
    [InlineData("x")]
    [InlineData("x ")]
    [InlineData("x: |\n ")]
    [InlineData("\"x\" ")]
    [InlineData("matrix: ")]
    [InlineData(" x\n  ")]
    public void A_quarter_of_a_megabyte_of_the_same_is_answered(string unit)
    {
        foreach (var prefix in new[] { "", "a: ", "a: [", "a: |\n ", "a: \"" })
        {
            var text = new StringBuilder(prefix, SourceScan.LargestFile);
            while (text.Length + unit.Length <= SourceScan.LargestFile) text.Append(unit);
            var bytes = Encoding.UTF8.GetBytes(text.ToString());
            CheckReading(bytes);
        }
    }

    [Fact]
    public void Naughty_strings_come_back_as_they_were_or_with_a_diagnostic()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Corpora.Require("naughty-strings.json")));
        var strings = document.RootElement.EnumerateArray().Select(text => text.GetString()!).ToArray();

        strings.Length.ShouldBeGreaterThan(500);
        var kept = 0;
        foreach (var text in strings)
        {
            var quoted = SpecText.Small.Replace("Does it work?", JsonSerializer.Serialize(text), StringComparison.Ordinal);
            var reading = CheckReading(Encoding.UTF8.GetBytes(quoted));
            if (reading.Spec is null) continue;
            kept++;
            reading.Spec.Question.ShouldBe(text.Trim());

            foreach (var place in new[] { "name: small", "steps: 100", "kind: adding", "lstm", "batch: 4" })
            {
                CheckReading(Encoding.UTF8.GetBytes(SpecText.Small.Replace(place, text, StringComparison.Ordinal)));
                CheckReading(Encoding.UTF8.GetBytes(SpecText.Small.Replace(place, $"{place[..(place.IndexOf(' ', StringComparison.Ordinal) + 1)]}{JsonSerializer.Serialize(text)}", StringComparison.Ordinal)));
            }
        }

        kept.ShouldBeGreaterThan(strings.Length * 9 / 10);
    }

    /// <summary>Small data behind every name, so that damaged files reach what lies beyond the opening of theirs.</summary>
    private sealed class AnyFile : IDataFiles
    {
        private static readonly byte[] Content = Encoding.UTF8.GetBytes("load,temperature\n" + string.Concat(Enumerable.Range(0, 400).Select(row => $"{row % 7},{row % 5}\n")));

        public DataFile Open(string path) => DataFile.Of(path, Content);
    }

    private static SpecReading CheckReading(byte[] bytes, params string[] overrides)
    {
        var reading = SpecReader.Read(bytes, SpecText.FileName, overrides.Select(change => new SettingOverride(change)).ToArray(), new AnyFile());
        var errors = reading.Diagnostics.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        (reading.Spec is null).ShouldBe(errors > 0);
        reading.Diagnostics.Count.ShouldBeLessThanOrEqualTo(DiagnosticList.Limit);
        foreach (var diagnostic in reading.Diagnostics)
        {
            if (diagnostic.Line < 1 || diagnostic.Column < 1 || diagnostic.EndLine < diagnostic.Line || diagnostic.Message.Length == 0) throw new InvalidOperationException(diagnostic.ToString());
        }

        if (errors > 0) DiagnosticText.Human(reading).ShouldNotBeEmpty();
        if (reading.Spec is { } spec && spec.Conditions.Count * (long)spec.Seeds.Count <= 32) ExperimentPlanner.Plan(spec).Trials.ShouldNotBeEmpty();
        return reading;
    }
}
