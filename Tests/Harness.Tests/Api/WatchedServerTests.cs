using System.Net;
using Harness.Orchestrator.Cli;
using Harness.Reports.Model;
using Harness.Server.Api;
using Harness.Store.Views;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Api;

/// <summary>A server that is asked again and again, and that may fall meanwhile.</summary>
public sealed class WatchedServerTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new();
    private RunningServer server = null!;
    private ServerClient gone = null!;

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.Start();
        gone = ServerClient.At(new Uri("http://127.0.0.1:1"), server.Token, null);
    }

    public async ValueTask DisposeAsync()
    {
        gone.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task One_that_is_silent_is_asked_again_for_a_while()
    {
        using var watched = new WatchedServer(gone, () => null, time);
        (await List(watched)).ShouldBeNull();
        time.Advance(WatchedServer.Patience - TimeSpan.FromSeconds(1));
        (await List(watched)).ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(1));
        (await Should.ThrowAsync<ServerSilentException>(() => List(watched))).Message.ShouldContain("http://127.0.0.1:1 does not answer");
    }

    [Fact]
    public async Task One_that_came_in_its_place_is_found()
    {
        var isThere = false;
        using var watched = new WatchedServer(gone, () => isThere ? ServerClient.Find(server.Harness.Folder) : null, time);
        (await List(watched)).ShouldBeNull();
        isThere = true;
        (await List(watched)).ShouldBeNull();
        (await List(watched)).ShouldNotBeNull();
        watched.Name.ShouldContain("process");

        // Patience begins anew when that falls, too.
        time.Advance(WatchedServer.Patience);
        isThere = false;
        await server.Server.DisposeAsync();
        (await List(watched)).ShouldBeNull();
    }

    [Fact]
    public async Task What_could_not_be_handed_in_is_handed_in_to_the_next()
    {
        using var watched = new WatchedServer(gone, () => ServerClient.Find(server.Harness.Folder), TimeProvider.System);
        (await watched.Submit(new SubmitRequest(RunningServer.Spec), TestContext.Current.CancellationToken)).ShouldBe(1);
    }

    [Fact]
    public async Task A_server_of_another_folder_on_the_same_port_is_left()
    {
        using var foreign = ServerClient.At(new Uri(server.Server.Url), new string('0', 64), null);
        using var watched = new WatchedServer(foreign, () => ServerClient.Find(server.Harness.Folder), time);
        (await List(watched)).ShouldBeNull();
        (await List(watched)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_refusal_is_an_answer()
    {
        using var named = ServerClient.At(new Uri(server.Server.Url), server.Token, null);
        using var watched = new WatchedServer(named, () => throw new InvalidOperationException("There is no need to look."), time);
        var missing = watched.Get("api/experiments/99", ApiJson.Default.ExperimentPage, TestContext.Current.CancellationToken);
        (await Should.ThrowAsync<ServerRefusalException>(() => missing)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private static Task<ExperimentPage?> List(WatchedServer watched) => watched.Get("api/experiments", ApiJson.Default.ExperimentPage, TestContext.Current.CancellationToken);
}
