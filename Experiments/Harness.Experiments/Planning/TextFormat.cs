using Harness.Abstractions.Specs;
using Harness.Data;

namespace Harness.Experiments.Planning;

/// <summary>A text: its length and the size of its vocabulary.</summary>
internal sealed class TextFormat : DataFormat
{
    public override string Kind => "text";

    public override DataReading Read(SettingResolution resolved, DataFile file, DataSplit split)
    {
        var problems = new List<DataProblem>();
        var (vocabulary, encoding) = (resolved.TaskValue("vocabulary"), resolved.TaskValue("encoding").Text);
        var corpus = TextCorpus.Read(file.Content, file.Path, split, vocabulary.IsAbsent ? null : vocabulary.Whole, problems, encoding);
        if (corpus is null) return new DataReading(problems);
        List<KeyValuePair<string, string>> parameters = [new("split", split.ToString()), new("symbols", Text(corpus.Vocabulary.Count + 1))];
        if (encoding != DataText.Detect) parameters.Add(new("encoding", encoding));
        return new DataReading([])
        {
            File = file, Rows = corpus.Symbols.Length, Parameters = parameters, Split = split,
            Sequences = (length, _) => SequenceSets.OfText(corpus.Symbols.Length, split, length),
            Card = (sets, _) => DataCards.Of(corpus, split, sets),
        };
    }
}
