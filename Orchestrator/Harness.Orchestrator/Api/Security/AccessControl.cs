using System.Security.Cryptography;
using System.Text;

namespace Harness.Orchestrator.Api.Security;

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

/// <summary>Who may do what: two bearer tokens, links that work once, and the sessions that came of them. Only hashes are kept; comparisons take the same time whatever they find.</summary>
internal sealed class AccessControl
{
    private const int MostSessions = 256, MostLinks = 32;

    private readonly Lock gate = new();
    private readonly byte[] operatorHash, viewerHash;
    private readonly List<byte[]> links = [];
    private readonly List<(byte[] Hash, Session Session)> sessions = [];

    public AccessControl(string operatorToken, string viewerToken) => (operatorHash, viewerHash) = (Hash(operatorToken), Hash(viewerToken));

    /// <summary>256 random bits as text.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public Role? OfBearer(string token)
    {
        var hash = Hash(token);
        if (CryptographicOperations.FixedTimeEquals(hash, operatorHash)) return Role.Operator;
        return CryptographicOperations.FixedTimeEquals(hash, viewerHash) ? Role.Viewer : null;
    }

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
            var cookie = NewToken();
            if (sessions.Count == MostSessions) sessions.RemoveAt(0);
            sessions.Add((Hash(cookie), new Session(Role.Operator, NewToken())));
            return cookie;
        }
    }

    public Session? OfCookie(string cookie)
    {
        var hash = Hash(cookie);
        lock (gate)
        {
            Session? found = null;
            foreach (var (known, session) in sessions)
                if (CryptographicOperations.FixedTimeEquals(known, hash)) found = session;
            return found;
        }
    }

    /// <summary>Whether two tokens are the same.</summary>
    public static bool AreSame(string? a, string b) => CryptographicOperations.FixedTimeEquals(Hash(a ?? ""), Hash(b));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
