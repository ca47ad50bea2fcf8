using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Training;
using Harness.Training.Shared;
using Harness.Training.Tasks;

namespace Harness.Tests.Training.Example;

/// <summary>The task with a file format of CONTRIBUTING.md is compiled, read and learned here.</summary>
public sealed class NewFormatTests : IDisposable
{
    private static readonly DataSplit split = DataSplit.Parse("70/15/15")!;

    private readonly IDisposable definition = TaskCatalog.Admit(BasesTask.Definition);
    private readonly IDisposable implementation = Implementations<SequenceTask>.Admit(typeof(BasesTask));

    /// <summary>A repeat of twenty bases, with names and line ends between.</summary>
    private static string Genome => string.Concat(Enumerable.Range(0, 60).Select(line => $">part {line}\nACGGTTACCA\nacggttaccn\r\n"));

    [Theory]
    [InlineData("BasesFile.cs")]
    [InlineData("BasesFormat.cs")]
    [InlineData("BasesTask.cs")]
    public void The_page_shows_the_files_as_they_are(string file) => Recipe.ShouldBeShown(file);

    [Theory]
    [InlineData(KernelPath.Engine)]
    [InlineData(KernelPath.Library)]
    public void A_file_is_read_and_learned(KernelPath backend)
    {
        using var folder = new TemporaryFolder();
        var reading = Read(Genome);
        reading.Problems.ShouldBeEmpty();
        reading.Windows(12, 1).ShouldBe(new DataWindows(840 - 12, 180 - 12, 180 - 12));
        File.WriteAllBytes(folder.File("data"), reading.File!.Content.ToArray());
        var spec = Trials.Spec("gru", backend, steps: 300);
        spec = spec with
        {
            Task = new("bases", 12, new([new("file", ""), .. reading.Parameters]), Data: reading.File.Sha256),
            Model = Trials.Model("gru", backend, hidden: 16),
            Train = spec.Train with { Batch = 16 },
        };
        using var trial = new Trial("a", spec, TimeProvider.System, _ => { }, null, folder.File("data"));
        var outcome = TrainingLoop.Run(trial, TestContext.Current.CancellationToken)!;
        outcome.Kind.ShouldBe(OutcomeKind.Completed);
        outcome.FinalLoss!.Value.ShouldBeLessThan(0.2);
    }

    [Fact]
    public void A_letter_that_is_no_base_is_refused_with_its_place() =>
        Read(Genome + "ACX\n").Problems.ShouldHaveSingleItem().Message.ShouldBe("genome.fa:181:3: 'X' is no base");

    private static DataReading Read(string genome) => new BasesFormat().Read(null!, DataFile.Of("genome.fa", Encoding.UTF8.GetBytes(genome)), split);

    public void Dispose()
    {
        implementation.Dispose();
        definition.Dispose();
    }
}
