using System.Globalization;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Tests.Reports;

namespace Harness.Tests.Browser;

/// <summary>What a reader sees before scrolling, how long the page is, and whether every word of a drawing can be read.</summary>
[Collection(BrowserTests.Name)]
public sealed class ReportLayoutTests(BrowserFixture browser) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>As many claims and settings as the largest experiment of the catalogue.</summary>
    private static ExperimentResults Long { get; } = GateFixture.With(ResultsFixture.Make(["rnn", "lstm", "gru"], [20, 25, 30, 35, 40, 45, 50, 55, 60], 6)) with
    {
        Question = "Which of the article's claims about RNN, LSTM and GRU hold, and where?",
        Claims = [.. Enumerable.Range(0, 32).Select(Claim)],
    };

    private static Dictionary<string, ExperimentResults> Fixtures { get; } = new(StringComparer.Ordinal)
    {
        ["typical"] = GateFixture.With(ResultsFixture.Typical),
        ["one seed"] = ResultsFixture.OneSeed,
        ["one cell"] = ResultsFixture.OneCell,
        ["all diverged"] = ResultsFixture.AllDiverged,
        ["long"] = Long,
        ["timed"] = TimingFixture.With(ResultsFixture.Typical),
        ["large"] = ResultsFixture.ManyTrials,
    };

    public static TheoryData<string> Names => [.. Fixtures.Keys];

    public void Dispose() => folder.Dispose();

    [SlowTheory(Category.Browser)]
    [InlineData("typical", 1280, 900)]
    [InlineData("typical", 390, 844)]
    [InlineData("one seed", 390, 844)]
    [InlineData("all diverged", 390, 844)]
    [InlineData("long", 1280, 900)]
    [InlineData("long", 390, 844)]
    [InlineData("large", 390, 844)]
    public async Task First_screen_has_headline_findings_and_the_beginning_of_the_grid(string fixture, int width, int height)
    {
        await using var view = await Show(fixture, width, height);
        foreach (var part in await view.Page.Locator("h1, .key li, .next").AllAsync())
            (await part.EvaluateAsync<double>("part => part.getBoundingClientRect().bottom")).ShouldBeLessThan(height, await part.InnerTextAsync());
        (await view.Page.Locator(".grid tbody td").First.EvaluateAsync<double>("cell => cell.getBoundingClientRect().top")).ShouldBeLessThan(height - 20);
        (await view.Page.TitleAsync()).ShouldStartWith(await view.Page.Locator("h1").InnerTextAsync());
    }

    [SlowFact(Category.Browser)]
    public async Task Report_of_32_claims_opens_with_at_most_8_screens_and_2000_words()
    {
        await using var view = await Show("long", 1280, 900);
        (await view.Page.EvaluateAsync<double>("document.documentElement.scrollHeight / innerHeight")).ShouldBeLessThanOrEqualTo(8);
        (await view.Page.EvaluateAsync<int>("document.body.innerText.split(/\\s+/).length")).ShouldBeLessThanOrEqualTo(2000);
        foreach (var closed in new[] { "#trials", "#pairs", "#compared-same" }) (await view.Page.Locator(closed).IsVisibleAsync()).ShouldBeFalse(closed);
    }

    [SlowFact(Category.Browser)]
    public async Task All_trials_can_be_filtered_and_keep_their_head_and_first_column()
    {
        await using var view = await Show("typical", 1280, 900);
        await view.Page.Locator("#all-trials summary").ClickAsync();
        await view.Page.Locator("#all-trials input[type=search]").FillAsync("rnn Diverged");
        (await view.Page.Locator("#trials tbody tr:visible").CountAsync()).ShouldBe(1);
        await view.Page.Locator("#all-trials input[type=search]").FillAsync("");
        (await view.Page.Locator("#trials tbody tr:visible").CountAsync()).ShouldBe(30);
        var stays = await view.Page.EvaluateAsync<string>("() => [getComputedStyle(document.querySelector('#trials thead th')).position, getComputedStyle(document.querySelector('#trials tbody th')).position].join()");
        stays.ShouldBe("sticky,sticky");
    }

    [SlowFact(Category.Browser)]
    public async Task Link_to_a_closed_figure_opens_it()
    {
        await using var view = await Show("long", 1280, 900);
        var closed = view.Page.Locator("figure:has(> details:not([open]))").First;
        var id = await closed.GetAttributeAsync("id");
        (await view.Page.Locator($"#{id} svg").First.IsVisibleAsync()).ShouldBeFalse();
        await view.Page.EvaluateAsync("id => { location.hash = id; }", id);
        await view.Page.Locator($"#{id} svg").First.WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Visible });
    }

    [SlowTheory(Category.Browser)]
    [MemberData(nameof(Names))]
    public async Task No_two_labels_of_a_drawing_meet_and_none_is_cut_or_smaller_than_11_pixels(string fixture)
    {
        foreach (var width in new[] { 1280, 390 })
        {
            await using var view = await Show(fixture, width, 900);
            var faults = await FigureLabels.Faults(view.Page);
            faults.ShouldBeEmpty($"at {width.ToString(CultureInfo.InvariantCulture)} pixels");
        }
    }

    private static ClaimSpec Claim(int index)
    {
        string[] lengths = ["20", "30", "40", "50"];
        var id = string.Create(CultureInfo.InvariantCulture, $"claim-number-{index + 1}");
        ClaimSpec claim = (index % 5) switch
        {
            0 => new ComparisonClaim(id, "lstm", "rnn", "eval.loss", 2, null),
            1 => new ComparisonClaim(id, "gru", "rnn", "solved", null, null),
            2 => new ComparisonClaim(id, "lstm", "rnn", "gradient.slope", null, 0.02) { At = ProbeMoment.Init },
            3 => new EquivalenceClaim(id, "gru", "lstm", "eval.loss", 1.1),
            _ => new ThresholdClaim(id, "rnn", "gradient.slope", -0.02, null) { At = ProbeMoment.End },
        };
        return claim with { Article = index % 16 + 1, Where = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["length"] = [lengths[index % lengths.Length]] } };
    }

    private async Task<WatchedPage> Show(string fixture, int width, int height)
    {
        var view = await browser.Open(new() { ViewportSize = new() { Width = width, Height = height } });
        var file = folder.File(string.Create(CultureInfo.InvariantCulture, $"{fixture}-{width}.html"));
        await File.WriteAllTextAsync(file, await ReportWriter.Write(Fixtures[fixture], ReportOptions.Default), TestContext.Current.CancellationToken);
        await view.ShowFile(file);
        return view;
    }
}
