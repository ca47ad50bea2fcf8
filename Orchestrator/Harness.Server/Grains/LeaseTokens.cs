using System.Security.Cryptography;
using System.Text;
using Harness.Abstractions.Contracts;
using Harness.Store;
using Harness.Store.Files;

namespace Harness.Server.Grains;

/// <summary>
/// Makes and checks the tokens of leases: HMAC-SHA256 of the attempt under a random secret of the data folder, cut to 128 bits.
/// No token is stored, and a restarted server still accepts the workers that hold leases.
/// </summary>
internal sealed class LeaseTokens
{
    private const int SecretBytes = 32, TokenBytes = 16;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly byte[] secret;

    private LeaseTokens(byte[] secret) => this.secret = secret;

    public static string PathIn(string folder) => Path.GetFullPath(Path.Combine(folder, "lease.key"));

    /// <summary>Tokens that only this process knows.</summary>
    public static LeaseTokens New() => new(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Those of a data folder. Where there is no secret, or others could have read it, there is a new one.</summary>
    /// <exception cref="StoreException">The file cannot be read or written.</exception>
    public static LeaseTokens Of(string folder)
    {
        var path = PathIn(folder);
        try
        {
            if (File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Others) == UnixFileMode.None)
                && File.ReadAllText(path).Trim() is { Length: SecretBytes * 2 } hex && hex.All(char.IsAsciiHexDigit)) return new LeaseTokens(Convert.FromHexString(hex));
            var made = New();
            OwnerFile.Write(path, Convert.ToHexStringLower(made.secret));
            return made;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The secret of the leases cannot be kept in '{path}': {error.Message}", error);
        }
    }

    public LeaseToken Of(AttemptKey attempt)
    {
        // Lengths keep two attempts from giving one text.
        var text = FormattableString.Invariant($"{attempt.Trial.Length}:{attempt.Trial}:{attempt.Number}:{attempt.Worker}");
        return new LeaseToken(Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(text)).AsSpan(0, TokenBytes)));
    }

    /// <summary>Whether the token is the attempt's; takes constant time.</summary>
    public bool Proves(AttemptKey attempt, LeaseToken? token) =>
        token?.Value is { } value && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(value), Encoding.UTF8.GetBytes(Of(attempt).Value));
}
