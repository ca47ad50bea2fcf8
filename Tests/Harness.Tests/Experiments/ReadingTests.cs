using System.Globalization;
using System.Text;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;
using Harness.Reports.Model;
using Harness.Reports.Wording;

namespace Harness.Tests.Experiments;

public sealed class ReadingTests
{
    [Fact]
    public void Five_different_mistakes_give_five_diagnostics_with_their_places()
    {
        var problems = SpecText.Problems("""
            version: 1
            name: five
            seds: 3
            task: { kind: adding, length: 1_000 }
            model: { hidden: 99999 }
            matrix:
              cell: [lstn, gru, rnn]
            train: { steps: [100], batch: 4 }
            """);

        problems.ShouldBe(
        [
            "3:1 HRN003 unknown key \"seds\"",
            "4:31 HRN011 length: \"1_000\" is not a whole number",
            "5:18 HRN013 hidden: 99999 is out of range",
            "7:10 HRN012 unknown cell \"lstn\"",
            "8:17 HRN011 \"steps\" is a list here",
        ]);
    }

    [Fact]
    public void A_diagnostic_reads_like_a_compilers()
    {
        var reading = SpecText.Read(SpecText.Small.Replace("[rnn, lstm, gru]", "[lstn, gru]", StringComparison.Ordinal).Replace("seeds:", "seds:", StringComparison.Ordinal));

        DiagnosticText.Human(reading).ShouldBe("""
            error[HRN012]: unknown cell "lstn"
              --> test.yaml:7:10
              |
            7 |   cell: [lstn, gru]
              |          ^^^^ expected one of: rnn, lstm, gru, transformer
              = help: did you mean "lstm"?
            error[HRN003]: unknown key "seds"
              --> test.yaml:8:1
              |
            8 | seds: { count: 2, base: 1 }
              | ^^^^
              = help: did you mean "seeds"?
            2 errors.

            """);
    }

    [Fact]
    public void A_diagnostic_can_be_read_by_programs_and_by_pull_requests()
    {
        var reading = SpecText.Read(SpecText.Small.Replace("steps: 100", "steps: 1e9", StringComparison.Ordinal));

        DiagnosticText.Json(reading).ShouldBe("""
            {
              "version": 1,
              "diagnostics": [
                {
                  "code": "HRN013",
                  "severity": "error",
                  "message": "steps: 1e9 is out of range",
                  "file": "test.yaml",
                  "line": 9,
                  "column": 17,
                  "endLine": 9,
                  "endColumn": 20,
                  "path": "train.steps",
                  "expected": "a whole number from 1 to 10000000"
                }
              ],
              "omitted": 0
            }

            """);
        DiagnosticText.GitHub(reading).ShouldBe(
            "::error file=test.yaml,line=9,col=17,endLine=9,endColumn=20,title=HRN013::steps: 1e9 is out of range. expected a whole number from 1 to 10000000\n");
    }

    [Theory]
    [InlineData("", "HRN015")]
    [InlineData("# nothing\n", "HRN015")]
    [InlineData("- 1\n", "HRN011")]
    [InlineData("hello", "HRN011")]
    [InlineData("a: [1, 2\nb: 3\n", "HRN002")]
    [InlineData("a: {x: 1\nb: 3\n", "HRN002")]
    [InlineData("a: 'x\n", "HRN002")]
    [InlineData("version: 1\n---\nversion: 1\n", "HRN009")]
    [InlineData("a: &x 1\n", "HRN007")]
    [InlineData("a: *x\n", "HRN007")]
    [InlineData("<<: { version: 1 }\n", "HRN007")]
    [InlineData("a: !!python/object 1\n", "HRN008")]
    [InlineData("a: !local 1\n", "HRN008")]
    [InlineData("name: a\nname: b\n", "HRN010")]
    [InlineData("? [a, b]\n: c\n", "HRN011")]
    [InlineData("name: \"\\0\"\n", "HRN023")]
    [InlineData("name: a\0b\n", "HRN005")]
    public void Text_that_is_no_experiment_gets_the_code_of_its_mistake(string yaml, string code) =>
        SpecText.Read(yaml).Diagnostics.ShouldContain(diagnostic => diagnostic.Code == code);

    [Fact]
    public void An_unclosed_bracket_is_reported_where_it_opens() =>
        SpecText.Problems(SpecText.Small.Replace("[rnn, lstm, gru]", "[rnn, lstm", StringComparison.Ordinal)).ShouldBe(["7:9 HRN002 this \"[\" is never closed"]);

    [Fact]
    public void Bytes_that_are_no_text_are_refused_in_one_line_each()
    {
        byte[][] inputs =
        [
            [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0],
            [0xFF, 0xFE, (byte)'v', 0],
            [(byte)'a', 0xC3, 0x28],
            [0x1F, 0x8B, 0x08, 0x00],
            new byte[300 * 1024],
            [0xF0, 0x9F],
        ];

        foreach (var input in inputs)
        {
            var reading = SpecReader.Read(input, SpecText.FileName, []);
            reading.Spec.ShouldBeNull();
            reading.Diagnostics.Count.ShouldBe(1);
            reading.Diagnostics[0].Code.ShouldBeOneOf(DiagnosticCodes.NotText, DiagnosticCodes.FileTooLong);
        }
    }

    [Fact]
    public void A_byte_order_mark_at_the_start_is_no_mistake() =>
        SpecReader.Read([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(SpecText.Small)], SpecText.FileName, []).Spec.ShouldNotBeNull();

    [Fact]
    public void A_missing_file_a_folder_and_an_overlong_file_are_one_diagnostic_each()
    {
        var folder = Directory.CreateTempSubdirectory("harness-test-");
        try
        {
            var overlong = Path.Combine(folder.FullName, "long.yaml");
            File.WriteAllText(overlong, "# " + new string('x', 2 * 1024 * 1024));

            Only(Path.Combine(folder.FullName, "missing.yaml")).Code.ShouldBe(DiagnosticCodes.UnreadableFile);
            Only(folder.FullName).Message.ShouldBe("this is a folder");
            Only("").Code.ShouldBe(DiagnosticCodes.UnreadableFile);
            Only("a\0b").Code.ShouldBe(DiagnosticCodes.UnreadableFile);
            Only(overlong).Code.ShouldBe(DiagnosticCodes.FileTooLong);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static SpecDiagnostic Only(string path) => SpecReader.ReadFile(path, []).Diagnostics.ShouldHaveSingleItem();
    }

    [Fact]
    public void At_most_twenty_diagnostics_are_shown_and_the_rest_counted()
    {
        var yaml = new StringBuilder(SpecText.Small).Append('\n');
        for (var i = 0; i < 30; i++) yaml.Append(CultureInfo.InvariantCulture, $"wrong{i}: 1\n");

        var reading = SpecText.Read(yaml.ToString());

        reading.Diagnostics.Count.ShouldBe(20);
        reading.Omitted.ShouldBe(10);
        DiagnosticText.Human(reading).ShouldEndWith("20 errors; 10 more are not shown.\n");
    }

    [Fact]
    public void Deep_nesting_and_huge_scalars_are_refused()
    {
        SpecText.Problems("a: " + new string('[', 100_000)).ShouldBe(["1:36 HRN006 brackets are nested more than 32 deep"]);
        SpecText.Problems(string.Concat(Enumerable.Repeat("- ", 50_000))).ShouldBe(["1:65 HRN006 values are nested more than 32 deep"]);
        SpecText.Problems("question: " + new string('x', 10_000)).ShouldBe(["1:11 HRN006 a value is longer than 8 KiB"]);
        SpecText.Problems("a:\n" + string.Concat(Enumerable.Repeat(" - 1\n", 30_000))).ShouldContain(problem => problem.EndsWith("more than 20,000 YAML elements", StringComparison.Ordinal));
    }

    [Fact]
    public void How_the_report_is_written_is_read_and_changes_no_identity()
    {
        var (plain, titled) = (SpecText.Spec(SpecText.Small), SpecText.Spec(SpecText.Small + "\nreport: { language: en, title: Worth a look, data_licence: CC BY 4.0 }"));
        plain.Report.ShouldBe(new ReportSpec());
        titled.Report.ShouldBe(new ReportSpec("en", "Worth a look") { DataLicence = "CC BY 4.0" });
        ExperimentPlanner.Plan(titled).Digest.ShouldBe(ExperimentPlanner.Plan(plain).Digest);
        ExperimentPlanner.Plan(titled).Report.ShouldBe(titled.Report);
    }

    [Fact]
    public void Question_in_several_languages_is_that_of_the_first_and_keeps_the_identity()
    {
        var plain = SpecText.Spec(SpecText.Small);
        var both = SpecText.Spec(SpecText.Small.Replace("question: Does it work?", "question: { zh: 行得通吗？, en: Does it work? }", StringComparison.Ordinal));
        both.Question.ShouldBe("Does it work?");
        both.Report.QuestionIn("zh-Hans", both.Question).ShouldBe("行得通吗？");
        both.Report.QuestionIn("en", both.Question).ShouldBe("Does it work?");
        ExperimentPlanner.Plan(both).Digest.ShouldBe(ExperimentPlanner.Plan(plain).Digest);

        var chinese = SpecText.Spec(SpecText.Small.Replace("question: Does it work?", "question: { zh: 行得通吗？ }", StringComparison.Ordinal));
        chinese.Question.ShouldBe("行得通吗？");
        chinese.Report.QuestionIn("en", chinese.Question).ShouldBe("行得通吗？");
    }

    [Theory]
    [InlineData("{ en: Does it work?, ze: 行得通吗？ }", "3:32 HRN012 unknown language \"ze\"")]
    [InlineData("{ en: '  ' }", "3:17 HRN015 \"question.en\" is an empty text")]
    [InlineData("{ en: }", "3:17 HRN015 \"question\" has no value")]
    [InlineData("{}", "3:11 HRN015 \"question\" has no texts")]
    [InlineData("{ en: [Does, it] }", "3:17 HRN011 \"question\" is a list here")]
    public void Question_in_no_known_language_or_without_a_text_is_refused(string question, string problem) =>
        SpecText.Problems(SpecText.Small.Replace("question: Does it work?", $"question: {question}", StringComparison.Ordinal)).ShouldBe([problem]);

    [Fact]
    public void Every_language_that_the_reader_takes_has_texts()
    {
        foreach (var language in ReportLanguages.All) Texts.In(language).Language.ShouldStartWith(language);
        Texts.In(null).Language.ShouldBe(ReportLanguages.All[0]);
    }
}
