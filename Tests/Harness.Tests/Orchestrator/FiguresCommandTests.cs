using System.Diagnostics;
using Harness.Orchestrator.Cli;
using Harness.Server.Hosting;
using Harness.Tests.Experiments;

namespace Harness.Tests.Orchestrator;

/// <summary><c>harness figures</c>: which files it writes, and what it refuses.</summary>
public sealed class FiguresCommandTests
{
    [Theory]
    [InlineData("svg")]
    [InlineData("png")]
    [InlineData("csv")]
    public async Task Every_figure_becomes_a_file(string format)
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        (await HarnessCli.Run(["figures", "small", "--as", format, "--data", stored.Data, "--out", stored.File("out")])).ShouldBe(0);
        var files = Directory.GetFiles(stored.File("out")).Select(Path.GetFileName).ToList();
        files.ShouldContain(file => file!.EndsWith($"-loss.{format}", StringComparison.Ordinal));
        files.Count.ShouldBeGreaterThan(2);
        files.ShouldAllBe(file => file!.EndsWith(format, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pdf_has_live_text_in_embedded_fonts()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        (await HarnessCli.Run(["figures", "small", "--as", "pdf", "--figure", "loss", "--width", "8.4cm", "--data", stored.Data, "--out", stored.File("out")])).ShouldBe(0);
        var file = Directory.GetFiles(stored.File("out")).ShouldHaveSingleItem();
        new FileInfo(file).Length.ShouldBeLessThan(150_000);
        var fonts = (await Tool("pdffonts", file)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(2).ToList();
        fonts.ShouldNotBeEmpty();
        fonts.ShouldAllBe(font => font.Contains("+Inter-", StringComparison.Ordinal) && font.Contains(" yes yes yes ", StringComparison.Ordinal));
        var text = await Tool("pdftotext", "-layout", file, "-");
        text.ShouldContain("Loss over training");
        text.ShouldContain("optimizer step");
        (await Tool("pdfinfo", file)).ShouldContain("Page size:       238");
    }

    [Fact]
    public async Task A_figure_is_named_by_number_or_word_and_an_unknown_one_refused()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        (await HarnessCli.Run(["figures", "small", "--as", "csv", "--figure", "1", "--figure", "LOSS", "--data", stored.Data, "--out", stored.File("out")])).ShouldBe(0);
        Directory.GetFiles(stored.File("out")).Length.ShouldBe(2);
        (await HarnessCli.Run(["figures", "small", "--as", "csv", "--figure", "99", "--data", stored.Data, "--out", stored.File("none")])).ShouldBe(ExitCode.Usage);
        Directory.Exists(stored.File("none")).ShouldBeFalse();
        (await HarnessCli.Run(["figures", "nobody", "--as", "csv", "--data", stored.Data])).ShouldBe(ExitCode.NotFound);
    }

    [Theory]
    [InlineData("84", "is not a width")]
    [InlineData("wide", "is not a width")]
    [InlineData("-84mm", "is not a width")]
    [InlineData("59mm", "is out of bounds")]
    [InlineData("700mm", "is out of bounds")]
    [InlineData("8.4cm", null)]
    [InlineData("3.3 in", null)]
    [InlineData("240PT", null)]
    public void A_width_has_a_unit_and_bounds(string text, string? refusal)
    {
        if (refusal is null) PaperWidth.Refusal(text).ShouldBeNull();
        else PaperWidth.Refusal(text).ShouldNotBeNull().ShouldContain(refusal);
        HarnessCli.Root().Parse(["figures", "x", "--as", "svg", "--width", text]).Errors.Count.ShouldBe(refusal is null ? 0 : 1);
    }

    [Fact]
    public void An_unknown_format_is_refused_with_those_there_are() =>
        HarnessCli.Root().Parse(["figures", "x", "--as", "tiff"]).Errors.ShouldHaveSingleItem().Message.ShouldContain("pdf");

    private static async Task<string> Tool(string name, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"A test of PDF files was skipped: {name} was not found (apt install poppler-utils).");
            throw;
        }
    }
}
