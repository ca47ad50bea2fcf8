using System.Net;
using Harness.Server.Api;
using Harness.Tests.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Harness.Tests.Training.Example;

/// <summary>The endpoint and the command of CONTRIBUTING.md are compiled, served and asked here.</summary>
public sealed class NewEndpointTests
{
    [Fact]
    public void The_page_shows_the_file_as_it_is() => Recipe.ShouldBeShown("AttemptsEndpoint.cs");

    [Fact]
    public async Task A_command_shows_what_the_endpoint_answers()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var running = await RunningServer.Start();
        await running.Submit();
        await running.TrainAll();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(running.Server.Services.GetRequiredService<ClusterViews>());
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        AttemptsEndpoint.Map(app.MapGroup("/api"));
        await app.StartAsync(cancellation);
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        using var server = ServerClient.At(address, "token", authority: null);

        using var output = new StringWriter();
        (await AttemptsCommand.Show(server, "1", output, cancellation)).ShouldBe(0);
        output.ToString().ShouldBe("1 attempts; the last one ended as completed.\n");
        using var http = new HttpClient { BaseAddress = address };
        (await http.GetAsync("api/trials/99/attempts", cancellation)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public void The_command_needs_a_trial()
    {
        AttemptsCommand.Create().Parse(["1"]).Errors.ShouldBeEmpty();
        AttemptsCommand.Create().Parse([]).Errors.ShouldHaveSingleItem();
    }
}
