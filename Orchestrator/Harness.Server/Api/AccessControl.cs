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
internal sealed record Session(Role Role, string FormToken);

/// <summary>
/// Who may do what: two bearer tokens, links that work once, and the sessions that came of them. Of tokens and links only hashes are kept, of sessions
/// nothing: a cookie says until when it holds, and carries a code (HMAC-SHA256, RFC 2104) that only who knows the operator's token can compute. So a
/// session outlives the server, and ends with the token. Comparisons take constant time.
/// </summary>
internal sealed class AccessControl
{
    /// <summary>How long a browser is known.</summary>
    public static readonly TimeSpan SessionLifetime = TimeSpan.FromDays(30);

    private const int MostLinks = 32;

    private readonly Lock gate = new();
    private readonly byte[] operatorHash, viewerHash, sessionKey;
    private readonly List<byte[]> links = [];
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

    /// <summary>The address of a server's dashboard with a token that opens one session.</summary>
    public string LinkTo(string url) => $"{url}/login?token={NewLink()}";

    /// <summary>A token that opens one session.</summary>
    public string NewLink()
    {
        var token = NewToken();
        lock (gate)
        {
            if (links.Count == MostLinks) links.RemoveAt(0);
            links.Add(Hash(token));
        }

        return token;
    }

    /// <summary>Opens a session for the token of a link, which then works no more.</summary>
    /// <returns>What the browser's cookie holds; null when there is no such link.</returns>
    public string? Redeem(string link)
    {
        var hash = Hash(link);
        lock (gate)
        {
            var at = -1;
            for (var i = 0; i < links.Count; i++)
                if (CryptographicOperations.FixedTimeEquals(links[i], hash)) at = i;
            if (at < 0) return null;
            links.RemoveAt(at);
        }

        var session = string.Create(CultureInfo.InvariantCulture, $"{(time.GetUtcNow() + SessionLifetime).ToUnixTimeSeconds()}-{NewToken()}");
        return $"{session}-{Code("session", session)}";
    }

    /// <summary>The session of a browser; null when its cookie is none of ours, or too old.</summary>
    public Session? OfCookie(string cookie)
    {
        if (cookie.Split('-') is not [var until, var own, var code] || !AreSame(code, Code("session", $"{until}-{own}"))) return null;
        return long.Parse(until, CultureInfo.InvariantCulture) > time.GetUtcNow().ToUnixTimeSeconds() ? new Session(Role.Operator, Code("form", own)) : null;
    }

    /// <summary>Whether two tokens are the same.</summary>
    public static bool AreSame(string? a, string b) => CryptographicOperations.FixedTimeEquals(Hash(a ?? ""), Hash(b));

    private string Code(string what, string text) => Convert.ToHexStringLower(HMACSHA256.HashData(sessionKey, Encoding.UTF8.GetBytes($"{what} {text}")));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
