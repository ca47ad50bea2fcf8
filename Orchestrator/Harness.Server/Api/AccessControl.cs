using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Harness.Server.Api;

internal enum Role
{
    /// <summary>May look at everything.</summary>
    Viewer,

    /// <summary>May also change things.</summary>
    Operator,
}

/// <summary>A browser that has followed a link.</summary>
/// <param name="FormToken">Comes with every form that this browser is shown, and has to come back.</param>
/// <param name="Name">Whom the link was made for; null when it names nobody.</param>
internal sealed record Session(Role Role, string FormToken, string? Name = null);

/// <summary>
/// Who may do what: two bearer tokens, links that work once, and the sessions that came of them. Of tokens and links only hashes are kept, of sessions
/// nothing: a cookie says until when it holds, and carries a code (HMAC-SHA256, RFC 2104) that only who knows the operator's token can compute. So a
/// session outlives the server, and ends with the token. Comparisons take constant time.
/// </summary>
internal sealed class AccessControl
{
    /// <summary>How long a browser is known.</summary>
    public static readonly TimeSpan SessionLifetime = TimeSpan.FromDays(30);

    public const int LongestName = 40;

    private const int MostLinks = 32;

    private readonly Lock gate = new();
    private readonly byte[] operatorHash, viewerHash, sessionKey;
    private readonly List<(byte[] Hash, string? Name)> links = [];
    private readonly TimeProvider time;

    public AccessControl(ServerTokens tokens, TimeProvider time)
    {
        this.time = time;
        (operatorHash, viewerHash) = (Hash(tokens.Token), Hash(tokens.ViewerToken));
        sessionKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(tokens.Token), 32, info: "harness sessions"u8.ToArray());
    }

    /// <summary>256 random bits as text.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Whether a text is such a token.</summary>
    public static bool IsToken(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    public Role? OfBearer(string token)
    {
        var hash = Hash(token);
        if (CryptographicOperations.FixedTimeEquals(hash, operatorHash)) return Role.Operator;
        return CryptographicOperations.FixedTimeEquals(hash, viewerHash) ? Role.Viewer : null;
    }

    /// <summary>Whether a link can be made for somebody of that name: letters, digits, blanks and a few signs, at most <see cref="LongestName"/>.</summary>
    public static bool IsName(string text) => text.Trim().Length > 0 && text.Length <= LongestName && text.All(sign => char.IsLetterOrDigit(sign) || sign is ' ' or '.' or '-' or '_' or '@');

    /// <summary>The address of a server's dashboard with a token that opens one session.</summary>
    /// <param name="name">Whom it is for: events name him. Null for nobody in particular.</param>
    public string LinkTo(string url, string? name = null) => $"{url}/login?token={NewLink(name)}";

    /// <summary>A token that opens one session.</summary>
    /// <param name="name">See <see cref="LinkTo"/>.</param>
    public string NewLink(string? name = null)
    {
        var token = NewToken();
        lock (gate)
        {
            if (links.Count == MostLinks) links.RemoveAt(0);
            links.Add((Hash(token), name?.Trim()));
        }

        return token;
    }

    /// <summary>Opens a session for the token of a link, which then works no more.</summary>
    /// <returns>What the browser's cookie holds; null when there is no such link.</returns>
    public string? Redeem(string link)
    {
        var hash = Hash(link);
        string? name;
        lock (gate)
        {
            var at = -1;
            for (var i = 0; i < links.Count; i++)
                if (CryptographicOperations.FixedTimeEquals(links[i].Hash, hash)) at = i;
            if (at < 0) return null;
            name = links[at].Name;
            links.RemoveAt(at);
        }

        var named = name is null ? "" : "-" + Convert.ToHexStringLower(Encoding.UTF8.GetBytes(name));
        var session = string.Create(CultureInfo.InvariantCulture, $"{(time.GetUtcNow() + SessionLifetime).ToUnixTimeSeconds()}-{NewToken()}{named}");
        return $"{session}-{Code("session", session)}";
    }

    /// <summary>The session of a browser; null when its cookie is none of ours, or too old.</summary>
    public Session? OfCookie(string cookie)
    {
        // Without a name it has three parts, as before names.
        if (cookie.Split('-') is not [var until, var own, .. { Length: 1 or 2 } rest] || !AreSame(rest[^1], Code("session", cookie[..^(rest[^1].Length + 1)]))) return null;
        if (long.Parse(until, CultureInfo.InvariantCulture) <= time.GetUtcNow().ToUnixTimeSeconds()) return null;
        return new Session(Role.Operator, Code("form", own), rest is [var name, _] ? Encoding.UTF8.GetString(Convert.FromHexString(name)) : null);
    }

    /// <summary>Whether two tokens are the same.</summary>
    public static bool AreSame(string? a, string b) => CryptographicOperations.FixedTimeEquals(Hash(a ?? ""), Hash(b));

    private string Code(string what, string text) => Convert.ToHexStringLower(HMACSHA256.HashData(sessionKey, Encoding.UTF8.GetBytes($"{what} {text}")));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
