using System.Security.Cryptography;
using System.Text;
using Harness.Reports.Sections;

namespace Harness.Server.Dashboard.Parts;

/// <summary>Style sheets and scripts of the pages, from the assemblies; each address holds the content's hash, so that browsers may keep it.</summary>
internal static class DashboardAssets
{
    private static readonly Dictionary<string, (string Text, string Type)> files = new(StringComparer.Ordinal)
    {
        ["report.css"] = (PageAssets.Style, "text/css"),
        ["dashboard.css"] = (Read("dashboard.css"), "text/css"),
        ["theme.js"] = (Read("theme.js"), "text/javascript"),
        ["report.js"] = (PageAssets.Script, "text/javascript"),
        ["dashboard.js"] = (Read("dashboard.js"), "text/javascript"),
        ["icon.svg"] = (Read("icon.svg"), "image/svg+xml"),
    };

    private static readonly Dictionary<string, string> addresses = files.ToDictionary(
        file => file.Key, file => $"/assets/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Value.Text)).AsSpan(0, 8))}/{file.Key}", StringComparer.Ordinal);

    public static string Address(string name) => addresses[name];

    public static IResult Serve(string hash, string name, HttpContext context)
    {
        if (!addresses.TryGetValue(name, out var address) || address != $"/assets/{hash}/{name}") return Api.Problems.NotFound("There is no such file.");
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Text(files[name].Text, files[name].Type + "; charset=utf-8");
    }

    private static string Read(string name)
    {
        using var stream = typeof(DashboardAssets).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The assembly lacks the embedded resource '{name}'.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
