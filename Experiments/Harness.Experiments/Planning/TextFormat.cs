using Harness.Abstractions.Specs;
using Harness.Data;

namespace Harness.Experiments.Planning;

/// <summary>A text in UTF-8: its length and the size of its vocabulary.</summary>
internal sealed class TextFormat : DataFormat
{
    public override string Kind => "text";

    public override DataReading Read(SettingResolution resolved, DataFile file, DataSplit split)
    {
        var problems = new List<DataProblem>();
        var corpus = TextCorpus.Read(file.Content.Span, file.Path, split, resolved.TaskValue("vocabulary").Whole, problems);
        if (corpus is null) return new DataReading(problems);
        return new DataReading([])
        {
            File = file, Split = split, Rows = corpus.Symbols.Length,
            Parameters = [new("split", split.ToString()), new("symbols", Text(corpus.Vocabulary.Count + 1))],
        };
    }
}
