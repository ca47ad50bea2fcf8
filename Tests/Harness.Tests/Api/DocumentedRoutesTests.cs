using System.Text.Json;
using Harness.Reports.Model;
using Harness.Server;
using Microsoft.AspNetCore.Routing;

namespace Harness.Tests.Api;

/// <summary>The pages about API and dashboard name every address, and the API's description is the one that is served.</summary>
public sealed class DocumentedRoutesTests : IAsyncLifetime
{
    private const string Description = "docs/openapi.json";

    private static readonly JsonSerializerOptions indented = new() { WriteIndented = true, NewLine = "\n" };

    private RunningServer server = null!;

    public async ValueTask InitializeAsync() => server = await RunningServer.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Every_address_is_on_its_page()
    {
        var api = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "api.md"), TestContext.Current.CancellationToken);
        var dashboard = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "dashboard.md"), TestContext.Current.CancellationToken);
        var routes = server.Server.Endpoints.OfType<RouteEndpoint>().Where(route => !route.RoutePattern.RawText!.Contains('*', StringComparison.Ordinal)).ToArray();
        routes.Length.ShouldBeGreaterThan(30);
        foreach (var route in routes)
        {
            var path = "/" + route.RoutePattern.RawText!.Trim('/').Replace(":long", "", StringComparison.Ordinal).Replace(":int", "", StringComparison.Ordinal);
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                var isPage = route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not null && path != "/api/openapi.json";
                (isPage ? dashboard : api).ShouldContain(isPage ? $"`{path}`" : $"`{method} {path}`");
            }
        }
    }

    [Fact]
    public async Task The_description_that_is_checked_in_is_the_one_that_is_served()
    {
        var served = JsonSerializer.Serialize(await server.Get("api/openapi.json"), indented) + "\n";
        var file = Path.Combine(Repository.Root, Description);
        if (Environment.GetEnvironmentVariable("HARNESS_REGENERATE") == "1") await File.WriteAllTextAsync(file, served, TestContext.Current.CancellationToken);
        (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n").ShouldBe(served, $"{Description} has drifted from the endpoints. Write it anew with HARNESS_REGENERATE=1 dotnet test.");
    }

    [Fact]
    public void The_usual_port_is_on_the_command_lines_page() =>
        File.ReadAllText(Path.Combine(Repository.Root, "docs", "command-line.md")).ShouldContain(ApiServer.UsualPort.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
