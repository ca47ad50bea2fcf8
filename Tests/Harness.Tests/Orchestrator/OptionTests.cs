using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;
using Harness.Orchestrator.Cli;
using Harness.Reports.Model;
using Harness.Server.Hosting;
using Harness.Store.Exports;
using Harness.Store.Files;
using Harness.Tests.Experiments;

namespace Harness.Tests.Orchestrator;

/// <summary>Values that no option takes, and files and texts that must not be taken for what they look like.</summary>
public sealed class OptionTests
{
    [Theory]
    [InlineData("list", "--data", "")]
    [InlineData("run", "x.yaml", "--out", "")]
    [InlineData("report", "x", "--out", "")]
    [InlineData("export", "x", "--as", "csv", "--out", "")]
    [InlineData("backup", "--out", "")]
    [InlineData("restore", "")]
    [InlineData("run", "")]
    [InlineData("run", "x.yaml", "--data-root", "")]
    [InlineData("run", "x.yaml", "--slots", "-1")]
    [InlineData("run", "x.yaml", "--slots", "0")]
    [InlineData("worker", "--slots", "100000")]
    [InlineData("serve", "--port", "-1")]
    [InlineData("serve", "--port", "70000")]
    [InlineData("log", "1", "--attempt", "-3")]
    public async Task An_impossible_value_is_refused_before_anything_happens(params string[] arguments) => (await HarnessCli.Run(arguments)).ShouldBe(ExitCode.Usage);

    [Fact]
    public void A_word_with_an_at_sign_names_no_file_of_words() =>
        HarnessCli.Root().Parse(["validate", "@at.yaml"], new System.CommandLine.ParserConfiguration { ResponseFileTokenReplacer = null }).Errors.ShouldBeEmpty();

    [Theory]
    [InlineData("quickstart", "quickstart")]
    [InlineData("长短期记忆", "长短期记忆")]
    [InlineData("CON", "CON-experiment")]
    [InlineData("nul.2", "nul.2-experiment")]
    [InlineData("Lpt1", "Lpt1-experiment")]
    [InlineData("end.", "end.-experiment")]
    [InlineData("console", "console")]
    public void A_name_becomes_a_file_name_that_every_system_holds(string name, string expected) => FileNames.Safe(name).ShouldBe(expected);

    [Fact]
    public void Names_that_differ_in_case_get_different_files()
    {
        using var folder = new TemporaryFolder();
        FileNames.Distinct(folder.Path, "Base", ".html").ShouldBe(folder.File("Base.html"));
        File.WriteAllText(folder.File("base.html"), "");
        var other = FileNames.Distinct(folder.Path, "Base", ".html");
        Path.GetFileName(other).ShouldStartWith("Base-");
        FileNames.Distinct(folder.Path, "base", ".html").ShouldBe(folder.File("base.html"));
        File.WriteAllText(folder.File("Base.html"), "");
        FileNames.Distinct(folder.Path, "Base", ".html").ShouldBe(folder.File("Base.html"), "a report that is there is written again");
    }

    [Theory]
    [InlineData("长短期记忆", "长短期记忆")]
    [InlineData("Gedächtnis", "Gedächtnis")]
    [InlineData("e\u0301tude", "étude")]
    [InlineData("हिन्दी", "हिन्दी")]
    [InlineData("lstm+fb2", "lstm+fb2")]
    public void A_name_may_have_letters_of_any_script(string written, string kept)
    {
        new NameType().Parse(written, out var value).ShouldBeNull();
        value.Text.ShouldBe(kept);
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a\u202Eb")]
    [InlineData("😀")]
    [InlineData("\uD800")]
    [InlineData(".hidden")]
    [InlineData("")]
    public void Other_characters_are_no_name(string written) => new NameType().Parse(written, out _).ShouldNotBeNull();

    [Theory]
    [InlineData("question: \"a\\u0007\\e[31mred\"")]
    [InlineData("question: \"a\\u0000\"")]
    [InlineData("question: \"a\\u202Ebc\"")]
    public void A_text_with_control_characters_is_refused_at_its_line(string line)
    {
        var reading = SpecReader.Read(Encoding.UTF8.GetBytes(SpecText.Small.Replace("question: Does it work?", line, StringComparison.Ordinal)), "x.yaml", []);
        reading.Spec.ShouldBeNull();
        reading.Diagnostics.ShouldContain(diagnostic => diagnostic.Code == "HRN013" && diagnostic.Line == 3);
    }

    [Theory]
    [InlineData("train: { steps: 30, optimizer: { kind: adam, lr: 1e-3, schedule: { kind: cosine, warm_up: 100 } } }", "warmed up")]
    [InlineData("target: { metric: eval.loss, below: -1 }", "no loss falls below 0")]
    public void A_setting_without_effect_gets_a_warning(string line, string words)
    {
        var yaml = string.Join('\n', SpecText.Small.Split('\n').Where(old => !old.StartsWith(line[..6], StringComparison.Ordinal)).Append(line));
        var reading = SpecReader.Read(Encoding.UTF8.GetBytes(yaml), "x.yaml", []);
        reading.Spec.ShouldNotBeNull(DiagnosticText.Human(reading));
        reading.Diagnostics.ShouldContain(diagnostic => diagnostic.Message.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void A_block_that_is_set_names_what_it_takes_away()
    {
        var reading = SpecReader.Read(Encoding.UTF8.GetBytes(SpecText.Small), "x.yaml", [new SettingOverride("train={ steps: 5 }")]);
        reading.Diagnostics.ShouldContain(diagnostic => diagnostic.Message.Contains("the whole block is replaced", StringComparison.Ordinal) && diagnostic.Message.Contains("train.batch", StringComparison.Ordinal));
    }

    [Fact]
    public void A_link_stays_and_its_target_is_written()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("target.html"), "old");
        File.CreateSymbolicLink(folder.File("link.html"), folder.File("target.html"));
        UnfinishedFile.Write(folder.File("link.html"), file => File.WriteAllText(file, "new"));
        File.ReadAllText(folder.File("target.html")).ShouldBe("new");
        new FileInfo(folder.File("link.html")).LinkTarget.ShouldNotBeNull();
    }

    [Fact]
    public void A_new_file_gets_its_folder_and_a_dangling_link_its_target()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "new", "file.html");
        UnfinishedFile.Write(path, file => File.WriteAllText(file, "text"));
        File.ReadAllText(path).ShouldBe("text");
        File.CreateSymbolicLink(folder.File("link.html"), folder.File("not yet.html"));
        UnfinishedFile.Write(folder.File("link.html"), file => File.WriteAllText(file, "text"));
        File.ReadAllText(folder.File("not yet.html")).ShouldBe("text");
        Directory.GetFiles(folder.Path, "*.part").ShouldBeEmpty();
    }

    [Fact]
    public void A_device_is_written_to_and_never_replaced()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "this system has no /dev/full");
        FileKind.IsReplaceable("/dev/full").ShouldBeFalse();
        Should.Throw<IOException>(() => UnfinishedFile.Write("/dev/full", file => File.WriteAllText(file, "text")));
        UnfinishedFile.Write("/dev/null", file => File.WriteAllText(file, "text"));
        FileKind.IsReplaceable("/dev/full").ShouldBeFalse("it is still the device");
        FileKind.IsReplaceable("/dev/null").ShouldBeFalse("it is still the device");
        File.Exists("/dev/null.part").ShouldBeFalse();
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\u001b[31mred\u0007", "a\uFFFD[31mred\uFFFD")]
    [InlineData("over\rwritten\r\nnext", "over\uFFFDwritten\r\nnext")]
    [InlineData("turned \u202E round", "turned \uFFFD round")]
    public void A_terminal_gets_no_control_characters(string text, string expected)
    {
        using var raw = new StringWriter();
        using var clean = Terminal.Cleaned(raw);
        clean.Write(text);
        raw.ToString().ShouldBe(expected);
    }

    [Fact]
    public void A_caret_stands_under_a_wide_character()
    {
        var reading = SpecReader.Read("version: 1\nname: \"名 前\"\n"u8.ToArray(), "x.yaml", []);
        var lines = DiagnosticText.Human(reading).Split('\n');
        var at = Array.FindLastIndex(lines, line => line.Contains("名 前", StringComparison.Ordinal));
        lines[at + 1].ShouldContain("|       ^^^^^^^");
    }
}
