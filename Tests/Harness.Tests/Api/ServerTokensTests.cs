using System.Net;
using Harness.Reports.Model;
using Harness.Server;
using Harness.Server.Api;
using Harness.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Tests.Api;

public sealed class ServerTokensTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Path => ServerTokens.PathIn(folder.Path);

    public void Dispose() => folder.Dispose();

    /// <summary>A scraper was given its token once, and a browser stays open for days.</summary>
    [Fact]
    public async Task A_server_that_is_started_again_knows_whom_the_one_before_let_in()
    {
        await using var server = await RunningServer.Start();
        using var opened = await server.Nobody.GetAsync(server.Server.NewLink(), TestContext.Current.CancellationToken);
        var cookie = opened.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var address = await File.ReadAllTextAsync(AddressFile.In(server.Harness.Folder), TestContext.Current.CancellationToken);
        var url = server.Server.Url;
        await server.Server.DisposeAsync();
        // As one leaves it that was killed: the next one is where browsers look for it.
        await File.WriteAllTextAsync(AddressFile.In(server.Harness.Folder), address, TestContext.Current.CancellationToken);
        await using var next = await ApiServer.Start(server.Harness, NullLoggerFactory.Instance, new ApiServerOptions());
        next.Url.ShouldBe(url);
        (await Ask("Authorization", $"Bearer {server.Token}")).ShouldBe(HttpStatusCode.OK);
        (await Ask("Cookie", cookie)).ShouldBe(HttpStatusCode.OK);
        (await Ask("Cookie", cookie[..^1])).ShouldBe(HttpStatusCode.Unauthorized);

        async Task<HttpStatusCode> Ask(string header, string value)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/experiments");
            request.Headers.Add(header, value);
            using var response = await server.Nobody.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
    }

    [Fact]
    public void Tokens_are_the_folders_own_and_its_owners_alone()
    {
        var tokens = Of();
        Of().ShouldBe(tokens);
        tokens.Token.ShouldNotBe(tokens.ViewerToken, StringComparer.Ordinal);
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var another = new TemporaryFolder();
        ServerTokens.Of(another.Path, NullLogger.Instance).Token.ShouldNotBe(tokens.Token, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void What_others_could_read_or_write_is_valid_no_longer(UnixFileMode more)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "SKIPPED: permissions are the folder's on Windows.");
        var known = Of();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
        var tokens = Of();
        tokens.Token.ShouldNotBe(known.Token, StringComparer.Ordinal);
        tokens.ViewerToken.ShouldNotBe(known.ViewerToken, StringComparer.Ordinal);
        Of().ShouldBe(tokens);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("""{"token":null,"viewer_token":null}""")]
    [InlineData("""{"token":"","viewer_token":""}""")]
    [InlineData("""{"token":"guess","viewer_token":"guess"}""")]
    public void What_is_no_token_opens_nothing(string text)
    {
        Of();
        File.WriteAllText(Path, text);
        Should.Throw<StoreException>(Of).Message.ShouldContain("Remove it");
        File.ReadAllText(Path).ShouldBe(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"url":null,"token":"t","viewer_token":"v","process_id":1}""")]
    [InlineData("""{"url":"somewhere","token":"t","viewer_token":"v","process_id":1}""")]
    [InlineData("""{"url":"mailto:a@b","token":"t","viewer_token":"v","process_id":1}""")]
    public void What_is_no_address_leads_nowhere(string text)
    {
        File.WriteAllText(AddressFile.In(folder.Path), text);
        AddressFile.Read(folder.Path).ShouldBeNull();
        ServerClient.Find(folder.Path).ShouldBeNull();
    }

    private ServerTokens Of() => ServerTokens.Of(folder.Path, NullLogger.Instance);
}
