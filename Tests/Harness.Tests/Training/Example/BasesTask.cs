using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Training.Shared;
using Harness.Training.Tasks;

namespace Harness.Tests.Training.Example;

/// <summary>T bases of a FASTA file, one-hot; the next one is asked for at every step.</summary>
[CatalogName("bases")]
internal sealed class BasesTask : WindowTask
{
    private readonly ushort[] bases;
    private readonly DataSplit split;

    /// <summary>The entry of <see cref="TaskCatalog.All"/>.</summary>
    public static TaskDefinition Definition { get; } = new("bases", new("bases of a genome", "基因组碱基"), LossKind.CrossEntropy,
        InputSize: _ => BasesFile.Letters.Length, OutputSize: _ => BasesFile.Letters.Length, MinimumLength: 1,
        Parameters: [TaskCatalog.FilePath("data/genome.fa"), TaskCatalog.Split],
        Baseline: "the best on the validation part of: base frequencies, n-gram",
        Success: new(SuccessCriterion.Loss, Below: true, 0.9, OfBaseline: true),
        new("The bases of a FASTA file: predict the next one at every step.", "FASTA 文件的碱基，在每一步预测下一个碱基。"), Graded: false)
    {
        File = new("bases", [], _ => []),
        AsksAtEveryStep = true,
    };

    public BasesTask(TaskSpec spec, ReadOnlyMemory<byte> content) : this(spec, Read(content), DataSplit.Parse(spec.Parameters.Text("split"))!)
    {
    }

    private BasesTask(TaskSpec spec, ushort[] bases, DataSplit split) : base(SequenceSets.OfText(bases.Length, split, spec.Length))
    {
        (this.bases, this.split) = (bases, split);
        Shape = TaskShape.AnsweredFrom(spec, 0);
        RequireWindows(spec, bases.Length, horizon: 1);
    }

    public override TaskShape Shape { get; }

    public override FittedBaselines FitBaselines() => new() { Runs = Counted().Stored() };

    protected override void Write(int start, SequenceSlot slot)
    {
        for (var step = 0; step < Shape.Steps; step++)
        {
            slot.Symbol(step, bases[start + step]);
            slot.Class(step, bases[start + step + 1]);
        }
    }

    protected override SequencePlace Place(int start, int answer) => new(null, start + Shape.Steps - 1, null);

    protected override IReadOnlyList<BaselineScore> Evaluate(int[] validation, int[] test) =>
        TextBaselines.Evaluate(bases, Counted(), Shape.OutputSize, Shape.Steps, validation, test);

    private TextCounts Counted() => TextCounts.Of(bases.AsSpan(0, split.Of(bases.Length).Train.End));

    private static ushort[] Read(ReadOnlyMemory<byte> content)
    {
        var problems = new List<DataProblem>();
        return DataContent.Require(BasesFile.Read(content.Span, "data", problems), problems);
    }
}
