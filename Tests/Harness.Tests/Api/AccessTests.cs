using System.Net;
using System.Text;
using AngleSharp.Html.Parser;
using Harness.Reports.Model;
using Harness.Server.Api;
using Microsoft.AspNetCore.Routing;

namespace Harness.Tests.Api;

/// <summary>Who gets in, and what a page of another site, a hostile name or a flood can do: nothing. One test for each way in which neighbours of this product were broken into.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private RunningServer server = null!;

    public async ValueTask InitializeAsync() => server = await RunningServer.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public void It_listens_on_this_machine_only() => new Uri(server.Server.Url).Host.ShouldBe("127.0.0.1");

    [Fact]
    public async Task Every_endpoint_refuses_who_shows_no_token_and_says_to_browsers_what_a_page_may_do()
    {
        var endpoints = Endpoints().ToArray();
        endpoints.Length.ShouldBeGreaterThan(30);
        foreach (var (method, path, isOpen) in endpoints)
        {
            using var response = await server.Nobody.SendAsync(new HttpRequestMessage(method, path), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            if (!isOpen) response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path}");
            response.Headers.GetValues("Content-Security-Policy").Single().ShouldBe(RequestGuard.ContentSecurityPolicy, path);
            response.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff", path);
            response.Headers.GetValues("X-Frame-Options").Single().ShouldBe("DENY", path);
        }
    }

    [Fact]
    public async Task With_a_token_too_every_endpoint_forbids_what_is_not_its_own()
    {
        await server.Submit();
        foreach (var (method, path, _) in Endpoints().Where(endpoint => endpoint.Method == HttpMethod.Get))
        {
            using var response = await server.Viewer.SendAsync(new HttpRequestMessage(method, path), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            var policy = response.Headers.GetValues("Content-Security-Policy").Single();
            policy.ShouldStartWith("default-src 'none'", Case.Sensitive, path);
            policy.ShouldContain("frame-ancestors 'none'");
            // The report holds its one script and its style, and is kept apart from everything else here.
            if (path.EndsWith("/report", StringComparison.Ordinal)) policy.ShouldContain("sandbox allow-scripts");
            else policy.ShouldNotContain("unsafe");
            ((int)response.StatusCode).ShouldBeLessThan(500, path);
        }
    }

    [Fact]
    public async Task Whoever_may_look_changes_nothing()
    {
        foreach (var (method, path, _) in Endpoints().Where(endpoint => endpoint.Method != HttpMethod.Get))
        {
            using var response = await server.Viewer.SendAsync(new HttpRequestMessage(method, path), TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
        }
    }

    [Theory]
    [InlineData("Bearer ")]
    [InlineData("Bearer 0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("Basic YTpi")]
    public async Task A_wrong_token_is_no_token(string authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/experiments");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        (await server.Nobody.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("attacker.example")]
    [InlineData("attacker.example:8470")]
    [InlineData("127.0.0.1.attacker.example")]
    [InlineData("169.254.169.254")]
    public async Task A_name_of_another_site_that_points_here_reaches_nothing(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/experiments");
        request.Headers.Host = host;
        (await server.Operator.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.MisdirectedRequest);
    }

    [Fact]
    public async Task A_link_opens_one_session_whose_cookie_no_script_reads_and_no_other_site_sends()
    {
        var link = server.Server.NewLink();
        using var first = await server.Nobody.GetAsync(link, TestContext.Current.CancellationToken);
        first.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var cookie = first.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=strict");
        using var second = await server.Nobody.GetAsync(link, TestContext.Current.CancellationToken);
        second.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Browse(HttpMethod.Get, "/", cookie)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Browse(HttpMethod.Get, "/", cookie.Replace('a', 'b').Replace('1', '2'))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("Origin", "https://attacker.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task What_another_site_asks_a_browser_to_send_changes_nothing(string header, string value)
    {
        var id = await server.Submit();
        var (cookie, token) = await Session();
        (await Browse(HttpMethod.Post, $"/experiments/{id}/pause", cookie, token, (header, value))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await server.Get($"api/experiments/{id}")).GetProperty("experiment").GetProperty("state").GetString().ShouldBe("running");
    }

    [Fact]
    public async Task A_form_works_only_with_the_token_that_it_came_with()
    {
        var id = await server.Submit();
        var (cookie, token) = await Session();
        (await Browse(HttpMethod.Post, $"/experiments/{id}/pause", cookie)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Browse(HttpMethod.Post, $"/experiments/{id}/pause", cookie, "0")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Browse(HttpMethod.Post, $"/api/experiments/{id}/pause", cookie)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Browse(HttpMethod.Post, $"/experiments/{id}/pause", cookie, token)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await server.Get($"api/experiments/{id}")).GetProperty("experiment").GetProperty("state").GetString().ShouldBe("paused");
    }

    [Theory]
    [InlineData("/assets/x/..%2f..%2fserver.json")]
    [InlineData("/assets/x/..%252f..%252fserver.json")]
    [InlineData("/assets/..%5c..%5c/server.json")]
    [InlineData("/experiments/..%2f..%2fetc%2fpasswd")]
    [InlineData("/experiments/1%00/report")]
    [InlineData("/experiments/1;x=../../report")]
    [InlineData("/api/trials/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/api/trials/%2e%2e%2f%2e%2e%2fserver.json/metrics/..%252f")]
    public async Task No_address_leads_to_a_file(string path)
    {
        using var response = await server.Operator.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(server.Server.Url + path)), TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("\"token\"");
    }

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("server.json")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("file:///etc/passwd")]
    [InlineData("\\\\\\\\attacker\\\\share\\\\x.csv")]
    public async Task An_experiment_that_is_handed_in_names_no_file_outside_and_no_address(string file)
    {
        var spec = RunningServer.Spec.Replace("{ kind: temporal-order, length: 12 }", $"{{ kind: text, file: \"{file}\", length: 12 }}", StringComparison.Ordinal);
        using var content = RunningServer.Yaml(spec);
        using var response = await server.Operator.PostAsync("api/experiments", content, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("root:");
    }

    [Fact]
    public async Task A_page_names_no_folder_of_this_machine()
    {
        var (cookie, token) = await Session();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/validate") { Content = new StringContent("""{"text":"version: 1","path":"/etc/x.yaml"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("Cookie", cookie);
        request.Headers.Add("X-Form-Token", token);
        (await server.Nobody.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("</h1><script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("&lt;script&gt;alert(1)&lt;/script&gt;")]
    [InlineData("'\\\"><svg onload=alert(1)>")]
    [InlineData("javascript:alert(1) {{7*7}} ${7*7}")]
    public async Task What_people_write_stays_text_on_every_page(string hostile)
    {
        await server.Submit();
        var plain = await Shapes(1);
        var id = await server.Submit(RunningServer.Spec.Replace("Does the page show it?", $"\"{hostile}\"", StringComparison.Ordinal).Replace("name: small", "name: other", StringComparison.Ordinal));
        (await Shapes(id)).ShouldBe(plain);
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        await server.Complete(lease, Harness.Abstractions.Contracts.AttemptEnd.UserError, hostile);
        var trial = (await server.Get($"api/trials/{lease.Attempt.Trial}")).GetProperty("id").GetInt64();
        var page = await new HtmlParser().ParseDocumentAsync(await server.Operator.GetStringAsync($"trials/{trial}", TestContext.Current.CancellationToken));
        page.QuerySelectorAll("script:not([src]), [onerror], [onload], img, iframe, [href^='javascript']").ShouldBeEmpty();

        async Task<string> Shapes(long experiment)
        {
            var shapes = new StringBuilder();
            foreach (var address in new[] { "", "/spec", "/events" })
            {
                var page = await new HtmlParser().ParseDocumentAsync(await server.Operator.GetStringAsync($"experiments/{experiment}{address}", TestContext.Current.CancellationToken));
                shapes.AppendLine(string.Join(' ', page.All.Select(element => element.LocalName)));
            }

            return shapes.ToString();
        }
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_nests_too_deep_is_refused()
    {
        using var large = RunningServer.Yaml(new string('x', 2 << 20));
        (await server.Operator.PostAsync("api/validate", large, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        using var deep = new StringContent(new string('[', 100_000), Encoding.UTF8, "application/json");
        (await server.Operator.PostAsync("api/validate", deep, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var typed = new StringContent("""{"$type":"System.Diagnostics.Process","text":"version: 1"}""", Encoding.UTF8, "application/json");
        (await server.Operator.PostAsync("api/plan", typed, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await server.Get("api/experiments")).GetProperty("experiments").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_flood_of_experiment_files_is_slowed_down()
    {
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 400 && !answers.Contains(HttpStatusCode.TooManyRequests); i++)
        {
            using var content = RunningServer.Yaml("version: 1");
            answers.Add((await server.Operator.PostAsync("api/validate", content, TestContext.Current.CancellationToken)).StatusCode);
        }

        answers[^1].ShouldBe(HttpStatusCode.TooManyRequests);
        (await server.Operator.GetAsync("api/experiments", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void The_tokens_lie_where_only_their_owner_reads_them()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "SKIPPED: permissions are the folder's on Windows.");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(AddressFile.In(server.Harness.Folder)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Every route, with something plausible in its places.</summary>
    private IEnumerable<(HttpMethod Method, string Path, bool IsOpen)> Endpoints() => server.Server.Endpoints.OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.RoutePattern.RawText?.Contains("path:nonfile", StringComparison.Ordinal) != true)
        .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method => (
            new HttpMethod(method),
            "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
                .Replace("{id:long}", "1", StringComparison.Ordinal).Replace("{trial}", "1", StringComparison.Ordinal).Replace("{metric}", "eval.loss", StringComparison.Ordinal)
                .Replace("{verb}", "pause", StringComparison.Ordinal).Replace("{worker}", "w", StringComparison.Ordinal).Replace("{number:int}", "1", StringComparison.Ordinal).Replace("{hash}", "0", StringComparison.Ordinal).Replace("{name}", "report.css", StringComparison.Ordinal),
            endpoint.Metadata.GetMetadata<OpenToAll>() is not null)));

    /// <summary>A browser that came by a link: its cookie, and the token of the forms that it is shown.</summary>
    private async Task<(string Cookie, string FormToken)> Session()
    {
        using var response = await server.Nobody.GetAsync(server.Server.NewLink(), TestContext.Current.CancellationToken);
        var cookie = response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        using var page = await Browse(HttpMethod.Get, "/submit", cookie);
        var parsed = await new HtmlParser().ParseDocumentAsync(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (cookie, parsed.QuerySelector("input[name=form_token]")!.GetAttribute("value")!);
    }

    private async Task<HttpResponseMessage> Browse(HttpMethod method, string path, string cookie, string? token = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (token is not null) request.Content = new FormUrlEncodedContent([new("form_token", token)]);
        return await server.Nobody.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
