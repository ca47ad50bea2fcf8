using System.Net;
using System.Text.Json;
using AngleSharp.Html.Parser;
using Harness.Server.Api;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Api;

/// <summary>Events name who asked for what they tell of.</summary>
public sealed class ActorTests : IAsyncLifetime
{
    private RunningServer server = null!;

    public async ValueTask InitializeAsync() => server = await RunningServer.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_program_is_named_by_its_token_and_a_worker_by_nobody()
    {
        var id = await server.Submit();
        await server.Acquire();
        foreach (var verb in new[] { "pause", "resume", "cancel", "retry" }) (await server.Operator.PostAsync($"api/experiments/{id}/{verb}", null, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        var events = (await server.Get("api/events")).GetProperty("events").EnumerateArray().ToLookup(happened => happened.GetProperty("kind").GetString()!, ActorOf, StringComparer.Ordinal);
        foreach (var kind in new[] { "experiment_submitted", "experiment_paused", "experiment_running", "experiment_cancelled", "trial_reopened" })
            events[kind].ShouldAllBe(actor => actor == "operator token", kind);
        events["experiment_paused"].ShouldHaveSingleItem();
        events["attempt_started"].ShouldHaveSingleItem().ShouldBeNull();
        events["worker_joined"].ShouldHaveSingleItem().ShouldBeNull();
    }

    [Theory]
    [InlineData(null, "dashboard")]
    [InlineData("Anna Bühler", "Anna Bühler (dashboard)")]
    [InlineData("安娜", "安娜 (dashboard)")]
    public async Task A_person_is_named_as_the_link_was(string? name, string actor)
    {
        await server.Submit();
        using var link = await server.Operator.PostAsync($"api/links{(name is null ? "" : $"?name={Uri.EscapeDataString(name)}")}", null, TestContext.Current.CancellationToken);
        var url = JsonDocument.Parse(await link.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("url").GetString()!;
        using var entered = await server.Nobody.GetAsync(new Uri(url), TestContext.Current.CancellationToken);
        var cookie = entered.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var page = await new HtmlParser().ParseDocumentAsync(await (await Ask(HttpMethod.Get, "/experiments/1")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var token = page.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        (await Ask(HttpMethod.Post, "/experiments/1/pause", token)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var paused = (await server.Get("api/events")).GetProperty("events").EnumerateArray().Single(happened => happened.GetProperty("kind").GetString() == "experiment_paused");
        ActorOf(paused).ShouldBe(actor);
        (await (await Ask(HttpMethod.Get, "/events?who=people")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain(WebUtility.HtmlEncode(actor).Replace("&#252;", "ü", StringComparison.Ordinal));

        async Task<HttpResponseMessage> Ask(HttpMethod method, string path, string? form = null)
        {
            using var request = new HttpRequestMessage(method, path) { Content = form is null ? null : new FormUrlEncodedContent([KeyValuePair.Create("form_token", form)]) };
            request.Headers.Add("Cookie", cookie);
            return await server.Nobody.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("<script>")]
    [InlineData("a\nb")]
    [InlineData("   ")]
    [InlineData("a-name-that-is-much-too-long-for-anybody-to-bear")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        using var answer = await server.Operator.PostAsync($"api/links?name={Uri.EscapeDataString(name)}", null, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public void The_name_in_a_cookie_cannot_be_exchanged()
    {
        var access = new AccessControl(ServerTokens.New(), new FakeTimeProvider());
        var parts = access.Redeem(access.NewLink("anna")).ShouldNotBeNull().Split('-');
        parts.Length.ShouldBe(4);
        access.OfCookie(string.Join('-', parts))!.Name.ShouldBe("anna");
        var bert = Convert.ToHexStringLower("bert"u8.ToArray());
        access.OfCookie($"{parts[0]}-{parts[1]}-{bert}-{parts[3]}").ShouldBeNull();
        access.OfCookie($"{parts[0]}-{parts[1]}-{parts[3]}").ShouldBeNull();
        access.OfCookie($"{parts[0]}-{parts[1]}-{parts[2]}-{bert}-{parts[3]}").ShouldBeNull();
    }

    private static string? ActorOf(JsonElement happened) => happened.GetProperty("actor").GetString();
}
