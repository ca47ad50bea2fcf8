using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Orchestrator.Cli;
using Harness.Reports.Model;
using Harness.Store;
using Harness.Store.Exports;
using Harness.Tests.Experiments;
using Microsoft.Data.Sqlite;

namespace Harness.Tests.Orchestrator;

/// <summary>What leaves the database: exports, reports of several experiments, comparisons.</summary>
public sealed class ExportTests
{
    private const string Other = "name: small|name: other";
    private static readonly string[] Marks = ["=", "+", "-", "@", "\t", "\r", "\n"];

    [Fact]
    public async Task Csv_has_a_row_per_trial_and_a_row_per_point()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        (await HarnessCli.Run(["export", "small", "--as", "csv", "--data", stored.Data, "--out", stored.File("out.csv")])).ShouldBe(0);

        var trials = Rows(stored.File("out.csv"));
        trials.Length.ShouldBe(1 + 3 * 2);
        trials[0].ShouldStartWith("trial,condition,factor.cell,seed,state,attempts,steps,final_loss,");
        trials.ShouldAllBe(row => row.Split(',', StringSplitOptions.None).Length == trials[0].Split(',', StringSplitOptions.None).Length);
        trials[1].ShouldContain(",rnn,rnn,1,completed,1,100,0.25,0.2,,1,1,50,0.5,,");
        trials[1].ShouldContain(",'=1+1|calc,");
        var points = Rows(stored.File("out.metrics.csv"));
        points.Length.ShouldBe(1 + 3 * 2 * 3);
        points[0].ShouldBe("trial,metric,step,value");
        points.Count(row => row.EndsWith(",eval.loss,50,NaN", StringComparison.Ordinal)).ShouldBe(6);
        Directory.GetFiles(stored.Data, "*.part").ShouldBeEmpty();
    }

    [Fact]
    public async Task Measured_rounds_travel_with_every_export()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small + "\nspeed: { measure: true }");
        foreach (var (format, name) in new[] { ("csv", "out.csv"), ("json", "out.json"), ("sqlite", "out.db") })
            (await HarnessCli.Run(["export", "small", "--as", format, "--data", stored.Data, "--out", stored.File(name)])).ShouldBe(0);

        Rows(stored.File("out.csv")).Length.ShouldBe(1 + 3 * 2);
        var rounds = Rows(stored.File("out.timing.csv"));
        rounds.Length.ShouldBe(1 + 9 * 40);
        rounds[1].ShouldContain(",host,0,rnn,library,1,adding,20,8,1,0,4,adam,float32,cpu,1,");
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(stored.File("out.json"), TestContext.Current.CancellationToken));
        var trial = document.RootElement.GetProperty("timing_trials")[0];
        trial.GetProperty("spec").GetProperty("arms").GetArrayLength().ShouldBe(9);
        trial.GetProperty("result").GetProperty("arms")[0].GetProperty("step_ms").GetArrayLength().ShouldBe(40);
        using var part = new SqliteConnection($"Data Source={stored.File("out.db")};Mode=ReadOnly;Pooling=False");
        part.Open();
        part.Scalar<long>("SELECT count(*) FROM timing").ShouldBe(9);
        part.Scalar<long>("SELECT count(*) FROM timing_machine_round").ShouldBe(40);
    }

    [Fact]
    public void Text_cannot_become_a_formula_or_another_cell()
    {
        foreach (var mark in Marks) CsvExport.Text($"{mark}cmd").Trim('"').ShouldStartWith("'");
        CsvExport.Text("a,b").ShouldBe("\"a,b\"");
        CsvExport.Text("say \"hi\"\nnow").ShouldBe("\"say \"\"hi\"\"\nnow\"");
        CsvExport.Text("plain").ShouldBe("plain");
        CsvExport.Text(null).ShouldBe("");
    }

    [Fact]
    public async Task Json_holds_everything_under_a_version()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        (await HarnessCli.Run(["export", "small", "--as", "json", "--data", stored.Data, "--out", stored.File("out.json")])).ShouldBe(0);

        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(stored.File("out.json"), TestContext.Current.CancellationToken));
        var root = document.RootElement;
        root.GetProperty("version").GetInt32().ShouldBe(JsonExport.Version);
        root.GetProperty("experiment").GetProperty("spec_text").GetString().ShouldBe(SpecText.Small);
        var trial = root.GetProperty("conditions")[0].GetProperty("trials")[0];
        trial.GetProperty("outcome").GetProperty("final_loss").GetDouble().ShouldBe(0.25);
        trial.GetProperty("metrics").GetProperty("eval.loss").GetProperty("values").EnumerateArray().Select(value => value.ToString()).ShouldBe(["1.5", "NaN", "0.25"]);
        trial.GetProperty("gradients")[0].GetProperty("norms").GetArrayLength().ShouldBe(3);
        JsonSerializer.Deserialize(root.GetProperty("conditions")[0].GetProperty("spec"), HarnessJson.Default.TrialSpec).ShouldNotBeNull().Task.Kind.ShouldBe("adding");
        // Every member that the page describes is there, and no other on the first two levels.
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "command-line.md"), TestContext.Current.CancellationToken);
        foreach (var member in root.EnumerateObject().Concat(root.GetProperty("experiment").EnumerateObject()).Concat(root.GetProperty("conditions")[0].EnumerateObject()).Concat(trial.EnumerateObject()))
            page.ShouldContain($"`{member.Name}`");
    }

    [Fact]
    public async Task A_database_of_its_own_holds_one_experiment_and_nothing_of_the_others()
    {
        await using var stored = new StoredExperiments();
        var small = await stored.Add(SpecText.Small);
        await stored.Add(Changed(Other, "hidden: 8|hidden: 16"), worker: "secret");
        var alone = Path.Combine(stored.File("alone"), "harness.db");
        (await HarnessCli.Run(["export", "small", "--as", "sqlite", "--data", stored.Data, "--out", alone])).ShouldBe(0);

        using (var whole = Reading(Path.Combine(stored.Data, "harness.db")))
        using (var part = Reading(alone))
        {
            part.Query("SELECT name FROM experiment", row => row.GetString(0)).ShouldBe(["small"]);
            const string results = "SELECT trial || condition || final_loss FROM trial_result WHERE experiment = 'small'";
            part.Query(results, row => row.GetString(0)).ShouldBe(whole.Query(results, row => row.GetString(0)));
            part.Scalar<long>("SELECT count(*) FROM trial_result").ShouldBe(6);
            part.Scalar<long>("SELECT count(*) FROM metric_point").ShouldBe(18);
            part.Scalar<long>("SELECT count(*) FROM worker").ShouldBe(1);
            part.Scalar<long>("SELECT count(*) FROM event WHERE experiment_id IS NOT $id", ("$id", small)).ShouldBe(0);
            part.Query("PRAGMA integrity_check", row => row.GetString(0)).ShouldBe(["ok"]);
        }

        System.Text.Encoding.UTF8.GetString(await File.ReadAllBytesAsync(alone, TestContext.Current.CancellationToken)).ShouldNotContain("secret");
        (await HarnessCli.Run(["report", "small", "--data", Path.GetDirectoryName(alone)!])).ShouldBe(0);
        (await HarnessCli.Run(["export", "small", "--as", "sqlite", "--data", stored.Data, "--out", Path.Combine(stored.Data, "harness.db")])).ShouldBe(5);
    }

    [Fact]
    public async Task Reports_of_several_experiments_go_into_a_folder_in_the_language_asked_for()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        await stored.Add(Changed(Other, "length: 20|length: 30"), open: 2);
        (await HarnessCli.Run(["report", "small", "other", "--data", stored.Data, "--out", stored.File("reports"), "--language", "zh"])).ShouldBe(0);
        (await File.ReadAllTextAsync(Path.Combine(stored.File("reports"), "small.html"), TestContext.Current.CancellationToken)).ShouldContain("<html lang=\"zh-Hans\">");
        (await File.ReadAllTextAsync(Path.Combine(stored.File("reports"), "other.html"), TestContext.Current.CancellationToken)).ShouldContain("暂时结果 4/6");

        (await HarnessCli.Run(["report", "small", "--data", stored.Data, "--out", stored.File("two.html"), "--language", "both"])).ShouldBe(0);
        var two = await File.ReadAllTextAsync(stored.File("two.html"), TestContext.Current.CancellationToken);
        foreach (var page in new[] { "id=\"en\" lang=\"en\"", "id=\"zh\" lang=\"zh-Hans\"" }) two.ShouldContain(page);
        (await HarnessCli.Run(["figures", "small", "--data", stored.Data, "--language", "both"])).ShouldBe(2, "a file of a figure is in one language");

        (await HarnessCli.Run(["report", "small", "missing", "--data", stored.Data])).ShouldBe(3);
        (await HarnessCli.Run(["report", "small", "--language", "tlh", "--data", stored.Data])).ShouldBe(2);
        await File.WriteAllTextAsync(stored.File("taken"), "", TestContext.Current.CancellationToken);
        (await HarnessCli.Run(["report", "small", "other", "--data", stored.Data, "--out", stored.File("taken")])).ShouldBe(2);
    }

    [Fact]
    public async Task A_comparison_is_written_or_refused()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        await stored.Add(Changed(Other, "cell: [rnn, lstm, gru]|cell: [rnn, lstm]", "hidden: 8|hidden: 12"));
        await stored.Add(Changed("name: small|name: longer", "steps: 100|steps: 200"));
        await stored.Add(Changed("name: small|name: running", "hidden: 8|hidden: 9"), open: 1);
        (await HarnessCli.Run(["compare", "small", "other", "--data", stored.Data, "--out", stored.File("both.html")])).ShouldBe(0);
        (await File.ReadAllTextAsync(stored.File("both.html"), TestContext.Current.CancellationToken)).ShouldContain("small · other");

        foreach (var refused in new[] { "longer", "running", "small" }) (await HarnessCli.Run(["compare", "small", refused, "--data", stored.Data])).ShouldBe(2, refused);
        (await HarnessCli.Run(["compare", "small", "missing", "--data", stored.Data])).ShouldBe(3);
    }

    private static string Changed(params string[] changes) => changes.Aggregate(SpecText.Small, (text, change) => text.Replace(change.Split('|')[0], change.Split('|')[1], StringComparison.Ordinal));

    private static string[] Rows(string path) => File.ReadAllText(path).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    private static SqliteConnection Reading(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
