using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Experiments.Planning;

namespace Harness.Tests.Training.Example;

/// <summary>What <c>harness plan</c> knows of a FASTA file.</summary>
internal sealed class BasesFormat : DataFormat
{
    public override string Kind => BasesTask.Definition.Kind;

    public override DataReading Read(SettingResolution resolved, DataFile file, DataSplit split)
    {
        var problems = new List<DataProblem>();
        if (BasesFile.Read(file.Content.Span, file.Path, problems) is not { } bases) return new DataReading(problems);
        return new DataReading([])
        {
            File = file, Rows = bases.Length, Split = split, Parameters = [new("split", split.ToString())],
            Sequences = (length, _) => SequenceSets.OfText(bases.Length, split, length),
            Card = (sets, _) => new(bases.Length, 1, sets.Counts, sets.Independent),
        };
    }
}
