using System.Text.RegularExpressions;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Wording;

namespace Harness.Tests.Reports;

/// <summary>A sentence of the report names no metric by its key in the experiment file.</summary>
public sealed partial class MetricWordsTests
{
    public static TheoryData<string> Languages => [.. ReportLanguages.All];

    [Theory]
    [MemberData(nameof(Languages))]
    public void Every_metric_has_words_of_its_own(string language)
    {
        var texts = Texts.In(language);
        var words = MetricCatalog.All.Select(metric => texts.Metric(metric.Name)).ToList();
        words.Zip(MetricCatalog.All).Where(pair => string.IsNullOrWhiteSpace(pair.First) || pair.First.Trim() == pair.Second.Name || Key().IsMatch(pair.First)).Select(pair => pair.Second.Name).ShouldBeEmpty();
        words.Distinct(StringComparer.Ordinal).Count().ShouldBe(words.Count);
    }

    [Fact]
    public void Chinese_words_are_chinese()
    {
        var texts = Texts.In("zh");
        MetricCatalog.All.Select(metric => texts.Metric(metric.Name)).Where(words => !Chinese().IsMatch(words) || Latin().IsMatch(words)).ShouldBeEmpty();
    }

    /// <summary>Printed <c>gates.forget.closed</c> before.</summary>
    [Theory]
    [InlineData("en", "Closed share of the forget gate of lstm is below 0.5.")]
    [InlineData("zh", "lstm 的遗忘门关闭的比例低于 0.5。")]
    public void A_claim_on_one_gate_is_a_sentence(string language, string expected) =>
        Texts.In(language).Statement(new ThresholdClaim("closed", "lstm", "gates.forget.closed", 0.5, null), arm => arm).ShouldBe(expected);

    [GeneratedRegex("[a-z][._][a-z]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Key();

    [GeneratedRegex(@"[\u4e00-\u9fff]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Chinese();

    [GeneratedRegex("[A-Za-z]{2}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Latin();
}
