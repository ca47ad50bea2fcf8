using System.Net;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Reports.Model;

namespace Harness.Tests.Api;

/// <summary>What programs are told over HTTP.</summary>
public sealed class ApiTests : IAsyncLifetime
{
    private RunningServer server = null!;

    public async ValueTask InitializeAsync() => server = await RunningServer.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task An_experiment_is_handed_in_looked_at_and_followed_to_its_end()
    {
        var id = await server.Submit();
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        await server.Report(lease, 20);

        var shown = await server.Get($"api/experiments/{id}");
        shown.GetProperty("experiment").GetProperty("trials").ToString().ShouldBe("""{"pending":3,"running":1}""");
        shown.GetProperty("running")[0].GetProperty("step").GetInt32().ShouldBe(20);
        shown.GetProperty("conditions").GetArrayLength().ShouldBe(2);
        shown.GetProperty("waiting")[0].GetProperty("trials").GetInt32().ShouldBe(3);
        (await server.Get("api/workers")).GetProperty("workers")[0].GetProperty("running").GetArrayLength().ShouldBe(1);
        var queue = await server.Get("api/queue");
        queue.GetProperty("busy").GetInt32().ShouldBe(1);
        queue.GetProperty("queue")[0].GetProperty("reasons")[0].GetProperty("sentence").GetString().ShouldNotBeNullOrEmpty();

        await server.Complete(lease);
        await server.TrainAll();
        (await server.Get("api/experiments")).GetProperty("experiments")[0].GetProperty("state").GetString().ShouldBe("finished");
        var trials = await server.Get($"api/experiments/{id}/trials?state=completed&limit=3");
        trials.GetProperty("trials").GetArrayLength().ShouldBe(3);
        var rest = await server.Get($"api/experiments/{id}/trials?after={trials.GetProperty("cursor").GetInt32()}");
        rest.GetProperty("trials").GetArrayLength().ShouldBe(1);
        rest.GetProperty("cursor").ValueKind.ShouldBe(JsonValueKind.Null);
        (await server.Operator.GetStringAsync($"api/experiments/{id}/report", TestContext.Current.CancellationToken)).ShouldContain($"href=\"/experiments/{id}\"");
        (await server.Operator.GetStringAsync($"api/experiments/{id}/report?language=zh", TestContext.Current.CancellationToken)).ShouldContain("<html lang=\"zh-Hans\">");
        (await server.Operator.GetStringAsync($"api/experiments/{id}/report?language=both", TestContext.Current.CancellationToken)).ShouldContain("id=\"zh\" lang=\"zh-Hans\"");
        using (var refused = await server.Operator.GetAsync($"api/experiments/{id}/report?language=tlh", TestContext.Current.CancellationToken)) refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        var summary = await server.Get($"api/experiments/{id}/summary");
        (summary.GetProperty("finished").GetInt32(), summary.GetProperty("planned").GetInt32()).ShouldBe((4, 4));
        summary.GetProperty("headline").GetString()!.ShouldEndWith(".");
        summary.GetProperty("grid").GetProperty("rows")[0].GetProperty("cells").GetArrayLength().ShouldBe(2);
        var page = await server.Operator.GetStringAsync($"experiments/{id}", TestContext.Current.CancellationToken);
        System.Net.WebUtility.HtmlDecode(page).ShouldContain(summary.GetProperty("headline").GetString()!);
        (await server.Get($"api/experiments/{id}/summary?language=zh")).GetProperty("language").GetString().ShouldBe("zh-Hans");
        (await server.Operator.GetAsync($"api/experiments/{id}/summary?language=xx", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await server.Operator.GetAsync("api/experiments/999/summary", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_trial_is_told_by_number_or_hash_with_its_attempts_curves_and_gradients()
    {
        await server.Submit();
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        await server.Report(lease, 40);
        await server.Complete(lease);

        var trial = await server.Get($"api/trials/{lease.Attempt.Trial[..12]}");
        trial.GetProperty("trial").GetString().ShouldBe(lease.Attempt.Trial);
        trial.GetProperty("attempts")[0].GetProperty("ending").GetString().ShouldBe("completed");
        trial.GetProperty("outcome").GetProperty("final_loss").GetDouble().ShouldBe(0.25);
        var number = trial.GetProperty("id").GetInt64();
        var curve = await server.Get($"api/trials/{number}/metrics/train.loss?points=4");
        curve.GetProperty("points").GetInt64().ShouldBe(40);
        curve.GetProperty("steps").EnumerateArray().Select(step => step.GetInt32()).ShouldBe([10, 20, 30, 40]);
        curve.GetProperty("maximum")[0].GetSingle().ShouldBe(1f);
        curve.GetProperty("minimum")[0].GetSingle().ShouldBe(0.1f);
        curve.GetProperty("last")[3].GetSingle().ShouldBe(1f / 40);
        var stretch = await server.Get($"api/trials/{number}/metrics/train.loss?from=5&to=7");
        stretch.GetProperty("steps").EnumerateArray().Select(step => step.GetInt32()).ShouldBe([5, 6, 7]);
        stretch.GetProperty("minimum").ValueKind.ShouldBe(JsonValueKind.Null);
        (await server.Get($"api/trials/{number}/gradients")).GetProperty("profiles")[0].GetProperty("moment").GetString().ShouldBe("init");
        (await server.Operator.GetAsync("api/trials/abcdef00", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await server.Operator.GetAsync($"api/trials/{number}/metrics/no.such", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_wrong_file_comes_back_with_every_mistake_and_its_place()
    {
        using var content = RunningServer.Yaml(RunningServer.Spec.Replace("[rnn, lstm]", "[rnn, lstn]", StringComparison.Ordinal));
        using var response = await server.Operator.PostAsync("api/experiments", content, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        problem.GetProperty("diagnostics")[0].GetProperty("line").GetInt32().ShouldBe(6);
        problem.GetProperty("diagnostics")[0].GetProperty("suggestion").GetString()!.ShouldContain("lstm");
        (await server.Get("api/experiments")).GetProperty("experiments").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Checking_and_planning_store_nothing()
    {
        using (var content = RunningServer.Yaml(RunningServer.Spec))
        using (var response = await server.Operator.PostAsync("api/validate", content, TestContext.Current.CancellationToken))
            (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"valid\":true");
        using (var content = RunningServer.Yaml(RunningServer.Spec))
        using (var response = await server.Operator.PostAsync("api/plan?set=seeds.count=3", content, TestContext.Current.CancellationToken))
            JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("trials").GetProperty("total").GetInt32().ShouldBe(6);
        (await server.Get("api/experiments")).GetProperty("experiments").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_key_stands_for_one_request()
    {
        var first = await Send("key", RunningServer.Spec);
        var again = await Send("key", RunningServer.Spec);
        (await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe(await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        (await Send("key", RunningServer.Spec.Replace("name: small", "name: other", StringComparison.Ordinal))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await server.Get("api/events")).GetProperty("events").EnumerateArray().Count(happened => happened.GetProperty("kind").GetString()!.StartsWith("experiment_", StringComparison.Ordinal)).ShouldBe(1);

        async Task<HttpResponseMessage> Send(string key, string spec)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/experiments") { Content = RunningServer.Yaml(spec) };
            request.Headers.Add("Idempotency-Key", key);
            return await server.Operator.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task An_experiment_is_paused_resumed_cancelled_and_taken_up_again()
    {
        var id = await server.Submit();
        (await Change("pause")).ShouldBe("""{"changed":1}""");
        (await server.Acquire()).ShouldBeEmpty();
        (await Change("pause")).ShouldBe("""{"changed":0}""");
        (await Change("resume")).ShouldBe("""{"changed":1}""");
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        (await Change("cancel")).ShouldBe("""{"changed":1}""");
        (await server.Complete(lease)).ShouldBeFalse();
        (await Change("retry")).ShouldBe("""{"changed":4}""");
        (await server.Operator.PostAsync("api/experiments/99/pause", null, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        async Task<string> Change(string verb)
        {
            using var response = await server.Operator.PostAsync($"api/experiments/{id}/{verb}", null, TestContext.Current.CancellationToken);
            return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_stream_of_events_goes_on_where_it_broke_off()
    {
        await server.Submit();
        await server.TrainAll();
        var all = (await server.Get("api/events")).GetProperty("events").EnumerateArray().Select(happened => happened.GetProperty("seq").GetInt64()).ToArray();
        all.Length.ShouldBeGreaterThan(6);

        using var request = new HttpRequestMessage(HttpMethod.Get, "api/events/stream");
        request.Headers.Add("Last-Event-ID", all[3].ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var response = await server.Operator.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var seen = new List<long>();
        await Follow(all[^1]);
        seen.ShouldBe(all[4..]);

        // What happens while it is open arrives on it.
        await server.Submit(RunningServer.Spec.Replace("name: small", "name: other", StringComparison.Ordinal));
        await Follow(all[^1] + 1);
        seen[^1].ShouldBe(all[^1] + 1);

        async Task Follow(long until)
        {
            while (seen.LastOrDefault() < until && await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal)) seen.Add(long.Parse(line[4..], System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    [Fact]
    public async Task Health_and_measurements_are_told()
    {
        await server.Submit();
        (await server.Nobody.GetStringAsync("health/live", TestContext.Current.CancellationToken)).ShouldContain("live");
        (await server.Nobody.GetStringAsync("health/ready", TestContext.Current.CancellationToken)).ShouldContain("ready");
        var text = await server.Viewer.GetStringAsync("metrics", TestContext.Current.CancellationToken);
        text.ShouldContain("harness_trials{state=\"pending\"} 4\n");
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(line => line.StartsWith('#') || line.Split(' ').Length == 2);
    }

    [Fact]
    public async Task What_failed_says_how()
    {
        var id = await server.Submit();
        for (var attempt = 0; attempt < 2; attempt++)
        {
            foreach (var lease in await server.Acquire(count: 4)) await server.Complete(lease, AttemptEnd.UserError, "The learning rate is negative.");
        }

        var failed = (await server.Get($"api/experiments/{id}/trials?state=failed")).GetProperty("trials");
        failed.GetArrayLength().ShouldBe(4);
        failed[0].GetProperty("failure").GetString().ShouldBe("The learning rate is negative.");
        failed[0].GetProperty("attempts").GetInt32().ShouldBe(2);
    }
}
