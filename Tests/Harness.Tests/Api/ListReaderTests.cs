using Harness.Store;
using Harness.Store.Views;
using Harness.Tests.Orchestrator;
using Microsoft.Data.Sqlite;

namespace Harness.Tests.Api;

/// <summary>Lists as people search, filter and sort them.</summary>
public sealed class ListReaderTests : IAsyncLifetime
{
    private readonly StoredExperiments stored = new();
    private SqliteConnection connection = null!;
    private long first, second;

    public async ValueTask InitializeAsync()
    {
        first = await stored.Add(Spec("alpha", "matrix: { cell: [rnn, lstm], hidden: [4, 8, 16] }").Replace("Does the page show it?", "Which one remembers 100 % of it?", StringComparison.Ordinal));
        second = await stored.Add(Spec("beta", "matrix: { cell: [gru] }"), open: 1);
        connection = ResultsDatabase.ConnectForReading(stored.Data);
    }

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await stored.DisposeAsync();
    }

    [Theory]
    [InlineData("ALPHA", 1)]
    [InlineData("remembers", 1)]
    [InlineData("100 %", 1)]
    [InlineData("100_%", 0)]
    [InlineData("#2", 1)]
    [InlineData("'; DROP TABLE trial; --", 0)]
    [InlineData(null, 2)]
    public void Experiments_are_found_by_a_part_of_name_or_question(string? text, int found) => Experiments(new ExperimentQuery(Text: text)).Total.ShouldBe(found);

    [Fact]
    public void Experiments_are_sorted_and_come_in_pages()
    {
        Experiments(new ExperimentQuery()).Items.Select(experiment => experiment.Name).ShouldBe(["beta", "alpha"]);
        Experiments(new ExperimentQuery(Sort: "name", Descending: false)).Items.Select(experiment => experiment.Name).ShouldBe(["alpha", "beta"]);
        Experiments(new ExperimentQuery(Sort: "trials")).Items.Select(experiment => experiment.Name).ShouldBe(["alpha", "beta"]);
        var page = ListReader.Experiments(connection, new ExperimentQuery(), 2, 1, Counted);
        (page.Items.ShouldHaveSingleItem().Name, page.HasMore, page.Total).ShouldBe(("alpha", false, 2));
        ListReader.Experiments(connection, new ExperimentQuery(), 1, 1, Counted).HasMore.ShouldBeTrue();
        foreach (var sort in ExperimentQuery.Sorts) Experiments(new ExperimentQuery(Sort: sort)).Items.Count.ShouldBe(2, sort);
    }

    [Fact]
    public void Trials_are_found_by_condition_seed_identity_and_level()
    {
        Trials(new TrialQuery()).Total.ShouldBe(12);
        Trials(new TrialQuery(Text: "LSTM")).Total.ShouldBe(6);
        Trials(new TrialQuery(Text: "2")).Items.ShouldContain(trial => trial.Seed == 2);
        var trial = Trials(new TrialQuery()).Items[3];
        Trials(new TrialQuery(Text: trial.Trial[..10])).Items.ShouldHaveSingleItem().Id.ShouldBe(trial.Id);
        Trials(new TrialQuery(State: "failed")).Total.ShouldBe(0);
        var hidden = ListReader.Factors(connection, first).Single(factor => factor.EndsWith("hidden", StringComparison.Ordinal));
        var cell = ListReader.Factors(connection, first).Single(factor => factor.EndsWith("cell", StringComparison.Ordinal));
        Trials(new TrialQuery(Levels: [KeyValuePair.Create(hidden, "8")])).Total.ShouldBe(4);
        Trials(new TrialQuery(Levels: [KeyValuePair.Create(hidden, "8"), KeyValuePair.Create(cell, "lstm")])).Total.ShouldBe(2);
        Trials(new TrialQuery(Levels: [KeyValuePair.Create("no such factor", "8")])).Total.ShouldBe(0);
    }

    [Fact]
    public void Trials_are_sorted_by_every_column_with_unknown_values_last()
    {
        var rising = Trials(new TrialQuery(Sort: "loss")).Items.Select(trial => trial.FinalLoss!.Value).ToList();
        rising.ShouldBe(rising.Order());
        Trials(new TrialQuery(Sort: "loss", Descending: true)).Items.Select(trial => trial.FinalLoss!.Value).ShouldBe(rising.OrderDescending());
        foreach (var sort in TrialQuery.Sorts) Trials(new TrialQuery(Sort: sort)).Items.Count.ShouldBe(12, sort);
        ListReader.Trials(connection, second, new TrialQuery(Sort: "loss"), 1, 10).Items[^1].FinalLoss.ShouldBeNull();
        ListReader.Trials(connection, second, new TrialQuery(Sort: "loss", Descending: true), 1, 10).Items[^1].FinalLoss.ShouldBeNull();
    }

    [Fact]
    public void A_condition_is_summed_up_by_the_median_of_its_seeds()
    {
        var points = ListReader.Points(connection, first);
        points.Count.ShouldBe(6);
        foreach (var point in points)
        {
            var losses = Trials(new TrialQuery()).Items.Where(trial => trial.Condition == point.Ordinal).Select(trial => trial.FinalLoss!.Value).ToList();
            (point.Trials, point.Finished, point.Solved, point.Diverged).ShouldBe((2, 2, 2, 0));
            point.MedianLoss!.Value.ShouldBe(losses.Average(), 1e-12);
            point.LossOverBaseline!.Value.ShouldBe(losses.Average(), 1e-12, "the baseline is 1");
        }
    }

    [Fact]
    public void A_trial_stands_between_its_neighbours_and_among_its_seeds()
    {
        var trials = Trials(new TrialQuery()).Items;
        var middle = ListReader.Beside(connection, trials[5].Id).ShouldNotBeNull();
        (middle.Previous!.Id, middle.Next!.Id, middle.Name).ShouldBe((trials[4].Id, trials[6].Id, "alpha"));
        ListReader.Beside(connection, trials[0].Id)!.Previous.ShouldBeNull();
        ListReader.Beside(connection, trials[^1].Id)!.Next.ShouldBeNull();
        var seeds = ListReader.Seeds(connection, trials[0].Id);
        seeds.Select(seed => seed.Seed).ShouldBe([1, 2]);
        seeds.ShouldAllBe(seed => seed.Losses.Count == 3);
    }

    [Fact]
    public void Events_are_found_by_their_text_and_by_who_asked()
    {
        ClusterReader.EventsBefore(connection, null, new EventFilter(Text: "12 TRIALS"), 10).ShouldHaveSingleItem().Experiment.ShouldBe(first);
        ClusterReader.EventsBefore(connection, null, new EventFilter(Text: "SEED 2"), 100).ShouldAllBe(happened => happened.Label!.EndsWith("seed 2", StringComparison.Ordinal));
        ClusterReader.EventsBefore(connection, null, new EventFilter(Text: "SEED 2"), 100).ShouldNotBeEmpty();
        ClusterReader.EventsBefore(connection, null, new EventFilter(OnlyPeople: true), 10).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("when")]
    [InlineData("kind")]
    [InlineData("who")]
    public void Events_are_sorted_by_a_column_page_by_page(string sort)
    {
        var all = ClusterReader.EventsBefore(connection, null, new EventFilter(), 1000);
        foreach (var descending in new[] { false, true })
        {
            var order = new EventOrder(sort, descending);
            List<EventView> sorted = [];
            for (var page = 1; ; page++)
            {
                var part = ClusterReader.EventsSorted(connection, new EventFilter(), order, page, 7);
                part.Total.ShouldBe(all.Count);
                if (part.Items.Count == 0) break;
                sorted.AddRange(part.Items);
            }

            sorted.Select(happened => happened.Seq).ShouldBe(all.Select(happened => happened.Seq), ignoreOrder: true);
            Func<EventView, string> key = sort switch { "when" => happened => happened.Seq.ToString("D9", System.Globalization.CultureInfo.InvariantCulture), "kind" => happened => happened.Kind, _ => happened => happened.Actor ?? "" };
            var keys = sorted.ConvertAll(happened => key(happened));
            keys.ShouldBe(descending ? keys.OrderByDescending(word => word, StringComparer.Ordinal) : keys.Order(StringComparer.Ordinal));
        }

        ClusterReader.EventsSorted(connection, new EventFilter(Text: "SEED 2"), new EventOrder(sort, false), 1, 3).Items.ShouldAllBe(happened => happened.Label!.EndsWith("seed 2", StringComparison.Ordinal));
    }

    private static string Spec(string name, string matrix)
    {
        var text = RunningServer.Spec.Replace("name: small", $"name: {name}", StringComparison.Ordinal).Replace("matrix: { cell: [rnn, lstm] }", matrix, StringComparison.Ordinal);
        return matrix.Contains("hidden", StringComparison.Ordinal) ? text.Replace("model: { hidden: 8 }\n", "", StringComparison.Ordinal) : text;
    }

    private ListPage<ExperimentSummary> Experiments(ExperimentQuery query) => ListReader.Experiments(connection, query, 1, 10, Counted);

    private ListPage<TrialRow> Trials(TrialQuery query) => ListReader.Trials(connection, first, query, 1, 100);

    private static StateCounts Counted(SqliteConnection from, ExperimentSummary experiment) => ExperimentReader.Counts(from, experiment.Id);
}
