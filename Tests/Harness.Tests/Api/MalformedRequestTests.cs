using System.Net;
using System.Text;
using System.Text.Json;
using Harness.Reports.Model;

namespace Harness.Tests.Api;

/// <summary>Requests that no program of ours sends: each gets a status of 4xx and a problem that says what is wrong.</summary>
public sealed class MalformedRequestTests : IAsyncLifetime
{
    private RunningServer server = null!;

    public async ValueTask InitializeAsync() => server = await RunningServer.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{"text":null}""")]
    [InlineData("""{"text":7}""")]
    [InlineData("""{"text":"version: 1","path":""}""")]
    [InlineData("""{"text":"version: 1","path":"a\u0000b"}""")]
    [InlineData("""{"text":"version: 1","data_roots":["\u0000"]}""")]
    [InlineData("""{"text":"version: 1","data_roots":[null]}""")]
    [InlineData("""{"text":"version: 1","changes":[null]}""")]
    [InlineData("""{"text":"version: 1","paused":"perhaps"}""")]
    public async Task A_body_that_is_no_request_is_refused_with_its_reason(string json)
    {
        foreach (var address in new[] { "api/experiments", "api/validate", "api/plan" })
        {
            using var content = new StringContent(json, Encoding.UTF8, "application/json");
            using var response = await server.Operator.PostAsync(address, content, TestContext.Current.CancellationToken);
            await ShouldBeProblem(response, HttpStatusCode.BadRequest, address);
        }
    }

    [Fact]
    public async Task Too_many_changes_are_refused_before_any_is_read()
    {
        using var content = new StringContent(JsonSerializer.Serialize(new { text = RunningServer.Spec, changes = Enumerable.Repeat("a=1", 100_000) }), Encoding.UTF8, "application/json");
        using var response = await server.Operator.PostAsync("api/validate", content, TestContext.Current.CancellationToken);
        await ShouldBeProblem(response, HttpStatusCode.BadRequest, "at most 200");
    }

    [Fact]
    public async Task A_file_that_is_not_utf8_is_refused()
    {
        foreach (var bytes in new byte[][] { [(byte)'n', (byte)'a', 0xFF, 0xFE], Encoding.Unicode.GetBytes(RunningServer.Spec) })
        {
            using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/yaml") } };
            using var response = await server.Operator.PostAsync("api/validate", content, TestContext.Current.CancellationToken);
            // What happens to be UTF-8 all the same is read, and refused for what it says.
            if (response.StatusCode == HttpStatusCode.OK) (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"valid\":false");
            else await ShouldBeProblem(response, HttpStatusCode.BadRequest, "not UTF-8");
        }
    }

    [Theory]
    [InlineData("api/experiments/one")]
    [InlineData("api/experiments?limit=many")]
    [InlineData("api/experiments/99999999999999999999")]
    [InlineData("api/nothing")]
    public async Task An_address_that_means_nothing_gets_a_problem(string address)
    {
        using var response = await server.Operator.GetAsync(address, TestContext.Current.CancellationToken);
        ((int)response.StatusCode).ShouldBeInRange(400, 404);
        await ShouldBeProblem(response, response.StatusCode, address);
    }

    private static async Task ShouldBeProblem(HttpResponseMessage response, HttpStatusCode expected, string why)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(expected, text);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json", why);
        using var problem = JsonDocument.Parse(text);
        problem.RootElement.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
    }
}
