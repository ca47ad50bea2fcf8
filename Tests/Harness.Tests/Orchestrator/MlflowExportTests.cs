using System.Net;
using Harness.Abstractions.Results;
using Harness.Orchestrator.Cli;
using Harness.Store;
using Harness.Store.Exports.Mlflow;
using Harness.Tests.Experiments;

namespace Harness.Tests.Orchestrator;

public sealed class MlflowExportTests
{
    [Fact]
    public async Task Every_trial_becomes_a_run_with_settings_curves_and_results()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small + "\nclaims: [ { id: small, that: gru, beats: lstm, on: parameters } ]");
        await using var server = await MlflowServer.Start();
        (await Export(stored, server)).ShouldBe(0);

        server.Runs.Values.Select(run => run.Name).ShouldBe(["rnn seed 1", "rnn seed 2", "lstm seed 1", "lstm seed 2", "gru seed 1", "gru seed 2"]);
        server.Runs.Values.ShouldAllBe(run => run.Status == "FINISHED" && run.Tags["harness.state"] == "completed");
        var run = server.Runs.Values.ElementAt(3);
        (run.Parameters["model.cell"], run.Parameters["seed"], run.Parameters["train.steps"], run.Parameters["task.length"]).ShouldBe(("lstm", "2", "100", "20"));
        run.Metrics.Where(metric => metric.Key == "eval.loss").Select(metric => (metric.Step, metric.Value)).ShouldBe([(0, 1.5), (50, double.NaN), (100, 0.25)]);
        run.Metrics.Single(metric => metric.Key == "final_loss").Value.ShouldBe(0.3125);
        server.ExperimentTags["mlflow.note.content"].ShouldBe("Does it work?");
        server.ExperimentTags.Single(tag => tag.Key.StartsWith("verdict.", StringComparison.Ordinal)).Value.ShouldContain("parameters");
    }

    [Fact]
    public async Task What_is_there_is_not_sent_again_and_what_was_interrupted_is_replaced()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        await using var server = await MlflowServer.Start();
        (await Export(stored, server)).ShouldBe(0);
        server.Runs["run2"].Status = "RUNNING";
        (await Export(stored, server)).ShouldBe(0);
        server.Runs["run2"].IsDeleted.ShouldBeTrue();
        server.Runs.Values.Count(run => !run.IsDeleted).ShouldBe(6);
        server.Runs.Count.ShouldBe(7);
        server.Runs["run6"].Tags["harness.trial"].ShouldBe(server.Runs["run2"].Tags["harness.trial"]);
    }

    [Fact]
    public async Task Long_curves_go_in_batches_that_the_interface_takes()
    {
        await using var stored = new StoredExperiments();
        var id = await stored.Add(SpecText.Small);
        await using var connection = ResultsDatabase.ConnectForReading(stored.Data);
        var results = new ResultsReader(connection).Read(id);
        var curve = new MetricSeries([.. Enumerable.Range(0, 2500)], [.. Enumerable.Range(0, 2500).Select(step => step == 7 ? float.PositiveInfinity : step)]);
        results = results with
        {
            Conditions = [.. results.Conditions.Take(1).Select(condition => condition with
            {
                Label = new string('x', 6000),
                Trials = [.. condition.Trials.Take(1).Select(trial => trial with { Metrics = new Dictionary<string, MetricSeries>(StringComparer.Ordinal) { ["odd[name]"] = curve } })],
            })],
        };
        await using var server = await MlflowServer.Start();
        using var client = new MlflowClient(server.Address, _ => null);
        (await MlflowExport.Send(results, [("a:b", new string('y', 9000))], client, TestContext.Current.CancellationToken)).ShouldBe((1, 0));
        server.Runs["run0"].Metrics.Count(metric => metric.Key == "odd_name_").ShouldBe(2500);
        server.Runs["run0"].Metrics[7].Value.ShouldBe(double.PositiveInfinity);
        server.Requests["runs/log-batch"].ShouldBe(4);
        server.ExperimentTags.Keys.ShouldContain("verdict.a_b", StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_and_others_get_a_clear_refusal()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        await using var server = await MlflowServer.Start();
        server.Refusals.Enqueue(HttpStatusCode.ServiceUnavailable);
        (await Export(stored, server)).ShouldBe(0);
        server.Requests["experiments/create"].ShouldBe(2);

        server.ExpectedAuthorization = "Bearer secret";
        using (var stranger = new MlflowClient(server.Address, _ => null))
            (await Should.ThrowAsync<StoreException>(() => stranger.Experiment("small", TestContext.Current.CancellationToken))).Message.ShouldContain("refused /api/2.0/mlflow/experiments/create (401, UNAUTHENTICATED): who are you? Set MLFLOW_TRACKING_TOKEN");
        using (var known = new MlflowClient(server.Address, name => name == "MLFLOW_TRACKING_TOKEN" ? "secret" : null)) (await known.Experiment("small", TestContext.Current.CancellationToken)).ShouldBe("1");
        server.ExpectedAuthorization = "Basic dTpw";
        using (var known = new MlflowClient(server.Address, name => name == "MLFLOW_TRACKING_USERNAME" ? "u" : name == "MLFLOW_TRACKING_PASSWORD" ? "p" : null))
            (await known.Experiment("small", TestContext.Current.CancellationToken)).ShouldBe("1");

        server.ExpectedAuthorization = null;
        server.DeleteExperiment("small");
        (await Export(stored, server)).ShouldBe(5);
        (await HarnessCli.Run(["export", "small", "--as", "mlflow", "--data", stored.Data, "--to", "http://127.0.0.1:9"])).ShouldBe(5);
        (await HarnessCli.Run(["export", "small", "--as", "mlflow", "--data", stored.Data, "--to", "file:///tmp/mlruns"])).ShouldBe(2);
        (await HarnessCli.Run(["export", "small", "--as", "mlflow", "--data", stored.Data, "--to", server.Address.ToString(), "--out", "x"])).ShouldBe(2);
        (await HarnessCli.Run(["export", "small", "--as", "csv", "--data", stored.Data, "--to", server.Address.ToString()])).ShouldBe(2);
        (await HarnessCli.Run(["export", "nobody", "--as", "mlflow", "--data", stored.Data, "--to", server.Address.ToString()])).ShouldBe(3);
    }

    private static Task<int> Export(StoredExperiments stored, MlflowServer server) => HarnessCli.Run(["export", "small", "--as", "mlflow", "--data", stored.Data, "--to", server.Address.ToString()]);
}
