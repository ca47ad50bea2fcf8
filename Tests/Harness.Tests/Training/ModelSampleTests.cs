using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Harness.Tests.Experiments;
using Harness.Training.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Harness.Tests.Training;

/// <summary>The programs of docs/models.md forecast what the product forecasts.</summary>
public sealed partial class ModelSampleTests
{
    private static readonly string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "models.md")).ReplaceLineEndings("\n");

    [Fact]
    public void The_csharp_sample_forecasts_as_the_product_does()
    {
        using var folder = new TemporaryFolder();
        var expected = Forecast(folder, "gru", layers: 2, bidirectional: false, "onnx");
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));
        var usings = "global using System; global using System.IO; global using System.Linq; global using System.Collections.Generic;";
        var compilation = CSharpCompilation.Create("Sample", [Parsed(usings), Parsed(Program("csharp"))], references, new(OutputKind.ConsoleApplication));
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image, cancellationToken: TestContext.Current.CancellationToken);
        emitted.Success.ShouldBeTrue(string.Join('\n', emitted.Diagnostics));

        var output = new StringWriter();
        var before = Console.Out;
        Console.SetOut(output);
        try
        {
            Assembly.Load(image.ToArray()).EntryPoint!.Invoke(null, [new[] { folder.File("model"), folder.File("series.csv") }]);
        }
        finally
        {
            Console.SetOut(before);
        }

        double.Parse(output.ToString(), CultureInfo.InvariantCulture).ShouldBe(expected, 1e-3);
    }

    [SlowTheory(Category.Tools)]
    [InlineData("rnn", 1, false)]
    [InlineData("lstm", 2, true)]
    [InlineData("gru", 2, false)]
    public async Task The_python_sample_forecasts_as_the_product_does(string cell, int layers, bool bidirectional)
    {
        var python = await PythonWith.Module("torch");
        Assert.SkipWhen(python is null, "SKIPPED: no python3 with PyTorch (apt install python3-torch).");
        using var folder = new TemporaryFolder();
        var expected = Forecast(folder, cell, layers, bidirectional, "state-dict");
        await File.WriteAllTextAsync(folder.File("sample.py"), Program("python"), TestContext.Current.CancellationToken);
        var (code, output) = await Run(python!, folder.File("sample.py"), folder.File("model"), folder.File("series.csv"));
        code.ShouldBe(0, output);
        double.Parse(output, CultureInfo.InvariantCulture).ShouldBe(expected, 1e-3);
    }

    /// <summary>Trains and exports a model to the folder <c>model</c>, with its rows in <c>series.csv</c>.</summary>
    /// <returns>The product's forecast of the first row beyond the file. Levels are about a thousand, with a standard deviation of some fifty.</returns>
    private static double Forecast(TemporaryFolder folder, string cell, int layers, bool bidirectional, string format)
    {
        var spec = Models.OverFile(SpecText.OverSeries("target: level, columns: [wind, level]"), Models.Series);
        spec = spec with { Model = spec.Model with { Cell = cell, Activation = cell == "rnn" ? "tanh" : null, Layers = layers, Bidirectional = bidirectional } };
        Models.Export(folder, spec, Models.Series, format);
        // The samples read no quoted fields.
        File.WriteAllText(folder.File("series.csv"), Models.Series.Replace("\"high, odd\"", "high", StringComparison.Ordinal));
        ModelUse.Predict(new(folder.File("model"), folder.File("series.csv"), folder.File("out.csv")));
        return double.Parse(File.ReadAllLines(folder.File("out.csv"))[^1].Split(',')[^1], CultureInfo.InvariantCulture);
    }

    private static string Program(string language) => Fence().Matches(page).Single(match => match.Groups[1].Value == language).Groups[2].Value;

    private static SyntaxTree Parsed(string source) => CSharpSyntaxTree.ParseText(source, cancellationToken: TestContext.Current.CancellationToken);

    private static async Task<(int Code, string Output)> Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, process.ExitCode == 0 ? await output : await errors);
    }

    [GeneratedRegex("^```(csharp|python)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fence();
}
