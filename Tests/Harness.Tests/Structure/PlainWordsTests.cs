using System.Text.RegularExpressions;
using Harness.Reports.Model;

namespace Harness.Tests.Structure;

/// <summary>The pages are written in plain sentences and in the terms of docs/glossary.md. CHANGELOG.md is free: it names what older versions called otherwise.</summary>
public sealed class PlainWordsTests
{
    private const int LongestSentence = 30;

    /// <summary>Written by other tests from the program's own texts.</summary>
    private static readonly string[] generated = ["docs/article.md", "docs/diagnostics.md", "docs/experiment-reference.md"];

    /// <summary>Words that have a better one, as regular expressions, each with the word to use.</summary>
    private static readonly (string Words, string Use)[] forbidden =
    [
        // One term per concept.
        ("step sizes?", "learning rate"), ("read-?outs?", "output layer"), ("(?:our |its )?own (?:CPU )?kernels|kernels of (?:its|our) own|engines?", "native CPU kernels"),
        ("kernel paths?", "backend"), ("naive (?:predictors?|baselines?)", "baseline"), ("packs?", "trial group"), ("orchestrators?", "server"),
        ("does it generali[sz]e", "performance profile"), ("bit for bit|to the (?:last )?bit", "bitwise identical"), ("(?:in|by) turns|there and back", "interleaved"),
        ("(?:node )?canar(?:y|ies)", "self-check trial"), ("judge[ds]?", "evaluate a model, decide a claim"),
        // The field's verb.
        ("(?:goes|go|going|went|gone) on", "resume, continue"), ("hand(?:s|ed|ing)? (?:it |one |them )?in", "submit"), ("(?:take|takes|taken|took) it in", "submit"),
        ("(?:gives?|given|gave|giving) (?:it )?up", "abandon, cancel, fail"), ("(?:gives?|given|gave) back", "release"), ("befalls?|befallen|befell", "affect"),
        ("falls? silent|fell silent", "hang"), ("started again", "restart"), ("by heart", "memorise"), ("made good", "retry"), ("told", "report, configure"),
        // No clause as a noun.
        ("whoever|whatever|whose a|who is gone|what ends|what falls|that which|of which it says|nobody's", "the thing's name"), ("short of its aim", "misses its target"),
    ];

    private static readonly (Regex Words, string Use)[] rules =
        [.. forbidden.Select(rule => (new Regex($@"(?<![\w-])(?:{rule.Words})(?![\w-])", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)), rule.Use))];

    public static TheoryData<string> Pages() =>
    [
        "README.md", "CONTRIBUTING.md", .. MarkdownIn("docs"), .. MarkdownIn("docs/decisions"),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_is_written_in_plain_words(string page) =>
        Faults(page, File.ReadAllText(Path.Combine(Repository.Root, page))).ShouldBeEmpty();

    [Fact]
    public void Generated_pages_exist() => generated.ShouldAllBe(page => File.Exists(Path.Combine(Repository.Root, page)));

    [Theory]
    [InlineData("A worker\nhands it in.", "page:1: \"hands it in\": write submit: A worker hands it in.")]
    [InlineData("# Heading\n\n- An orchestrator.", "page:3: \"orchestrator\": write server: An orchestrator.")]
    [InlineData("| a | b |\n| --- | --- |\n| Fine. | A step size. |", "page:3: \"step size\": write learning rate: A step size.")]
    public void Forbidden_word_is_reported_with_its_place(string text, string fault) => Faults("page", text).ShouldBe([fault]);

    [Theory]
    [InlineData("```\nhands it in\n```")]
    [InlineData("The folder `Orchestrator/` and the key `run.pack`.")]
    [InlineData("[The server](orchestrator.md) of the prepackaged program.")]
    [InlineData("# Packs\n<!-- orchestrator -->")]
    public void Code_headings_and_targets_of_links_are_free(string text) => Faults("page", text).ShouldBeEmpty();

    [Fact]
    public void Sentence_of_31_words_is_too_long()
    {
        var words = string.Join(' ', Enumerable.Repeat("word", LongestSentence - 1));
        Faults("page", $"Word {words}. Word {words}.").ShouldBeEmpty();
        Faults("page", $"One.\n\nWord\nword {words}.").ShouldHaveSingleItem().ShouldStartWith("page:3: 31 words, at most 30: Word word");
    }

    private static IEnumerable<string> MarkdownIn(string folder) =>
        Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.md").Select(file => $"{folder}/{Path.GetFileName(file)}").Except(generated, StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Faults(string page, string text)
    {
        foreach (var sentence in Prose.Sentences(text))
        {
            if (sentence.Words > LongestSentence) yield return $"{page}:{sentence.Line}: {sentence.Words} words, at most {LongestSentence}: {sentence.Text}";
            foreach (var (words, use) in rules)
                if (words.Match(sentence.Text) is { Success: true } match) yield return $"{page}:{sentence.Line}: \"{match.Value}\": write {use}: {sentence.Text}";
        }
    }
}
