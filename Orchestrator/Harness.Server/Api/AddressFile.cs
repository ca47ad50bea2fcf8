using System.Text.Json;

namespace Harness.Server.Api;

/// <summary>The file of a data folder that says where its server is reached.</summary>
internal static class AddressFile
{
    public static string In(string folder) => Path.GetFullPath(Path.Combine(folder, "server.json"));

    /// <summary>Where the latest server of a folder was reached; null when it ended in order, or never was, or when that cannot be read.</summary>
    public static ServerAddress? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(In(folder)), ApiJson.Default.ServerAddress) is { } address && Uri.TryCreate(address.Url, UriKind.Absolute, out var url) && url.Scheme == "http" ? address : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
