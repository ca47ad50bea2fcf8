using System.Security.Cryptography;
using Harness.Store;
using Harness.Store.Files;

namespace Harness.Server.Hosting.Security;

/// <summary>256 random bits that the processes of one data folder share: a silo without them reaches no other.</summary>
internal sealed class SiloSecret
{
    private const int Length = 32;

    private readonly byte[] key;

    private SiloSecret(byte[] key) => this.key = key;

    public static string PathIn(string folder) => Path.GetFullPath(Path.Combine(folder, "cluster.key"));

    /// <summary>A secret that only this process knows, for a silo that nobody else may join.</summary>
    public static SiloSecret New() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>The secret of a data folder, made on first use.</summary>
    /// <param name="mayRenew">Whether this process is the folder's server, which replaces a secret that other users could read.</param>
    /// <exception cref="StoreException">The file cannot be read or written, holds something else, or is readable by others.</exception>
    public static SiloSecret Of(string folder, bool mayRenew, ILogger log)
    {
        var path = PathIn(folder);
        try
        {
            if (IsOpenToOthers(path))
            {
                if (!mayRenew) throw new StoreException($"'{path}' is readable by other users. Restart the server: it creates a new one.");
                HostingLog.SecretWasOpen(log, path);
                File.Delete(path);
            }

            if (!File.Exists(path)) Create(path);
            var text = File.ReadAllText(path).Trim();
            if (text.Length == 2 * Length && text.All(char.IsAsciiHexDigitLower)) return new SiloSecret(Convert.FromHexString(text));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The cluster's secret '{path}' cannot be used: {error.Message} Only the owner of the data folder can run its server and workers.", error);
        }

        throw new StoreException($"'{path}' does not hold a secret. Remove it and restart server and workers.");
    }

    /// <summary>HMAC-SHA256 (RFC 2104) of a message under this secret.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => HMACSHA256.HashData(key, message);

    private static bool IsOpenToOthers(string path) => !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & OwnerFile.Others) != UnixFileMode.None;

    /// <summary>Server and workers may start together: the first file wins, and all read it.</summary>
    private static void Create(string path)
    {
        var own = $"{path}.{Environment.ProcessId}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        OwnerFile.Write(own, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Length)));
        try
        {
            File.Move(own, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(own);
        }
    }
}
