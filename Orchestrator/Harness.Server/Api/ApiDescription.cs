using Microsoft.AspNetCore.OpenApi;

namespace Harness.Server.Api;

/// <summary>The API's description in OpenAPI's form, made from the endpoints.</summary>
internal static class ApiDescription
{
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Harness";
            document.Info.Version = "v1";
            document.Info.Description = "Experiments, trials and workers of one server. Every request needs a token: Authorization: Bearer TOKEN. Refusals are problem+json (RFC 9457).";
            // Where it is reached differs from start to start.
            document.Servers = [];
            return Task.CompletedTask;
        });
    }
}
