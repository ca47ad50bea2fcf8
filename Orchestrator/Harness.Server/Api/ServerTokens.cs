using System.Text.Json;
using Harness.Store;
using Harness.Store.Files;

namespace Harness.Server.Api;

/// <summary>The tokens of a data folder's server. They are made once and outlive it: scrapers and other machines keep access after a restart.</summary>
/// <param name="Token">May do everything.</param>
/// <param name="ViewerToken">May look.</param>
internal sealed record ServerTokens(string Token, string ViewerToken)
{
    public static string PathIn(string folder) => Path.GetFullPath(Path.Combine(folder, "tokens.json"));

    /// <summary>Tokens that only this process knows.</summary>
    public static ServerTokens New() => new(AccessControl.NewToken(), AccessControl.NewToken());

    /// <summary>Those of the folder. Where there are none, or where others could have read them, new ones.</summary>
    /// <exception cref="StoreException">The file holds something else, or cannot be read or written.</exception>
    public static ServerTokens Of(string folder, ILogger log)
    {
        var path = PathIn(folder);
        try
        {
            if (File.Exists(path))
            {
                if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & OwnerFile.Others) == UnixFileMode.None) return Read(path);
                ApiLog.TokensWereOpen(log, path);
            }

            var tokens = New();
            OwnerFile.Write(path, JsonSerializer.Serialize(tokens, ApiJson.Default.ServerTokens));
            return tokens;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The server's tokens cannot be kept in '{path}': {error.Message}", error);
        }
    }

    /// <exception cref="StoreException">See <see cref="Of"/>.</exception>
    private static ServerTokens Read(string path)
    {
        try
        {
            if (JsonSerializer.Deserialize(File.ReadAllText(path), ApiJson.Default.ServerTokens) is { } tokens && AccessControl.IsToken(tokens.Token) && AccessControl.IsToken(tokens.ViewerToken)) return tokens;
        }
        catch (JsonException)
        {
            // Told below.
        }

        throw new StoreException($"'{path}' does not hold valid tokens. Remove it, and the server creates new ones.");
    }
}
