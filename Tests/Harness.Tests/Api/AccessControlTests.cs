using Harness.Reports.Model;
using Harness.Server.Api;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Api;

public sealed class AccessControlTests
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ServerTokens tokens = ServerTokens.New();

    [Fact]
    public void A_session_holds_for_its_time_and_no_longer()
    {
        var (access, cookie) = Opened();
        time.Advance(AccessControl.SessionLifetime - TimeSpan.FromSeconds(1));
        access.OfCookie(cookie).ShouldNotBeNull();
        time.Advance(TimeSpan.FromSeconds(1));
        access.OfCookie(cookie).ShouldBeNull();
    }

    [Fact]
    public void A_session_is_known_wherever_its_tokens_are_and_nowhere_else()
    {
        var (access, cookie) = Opened();
        var again = new AccessControl(tokens, time);
        again.OfCookie(cookie).ShouldBe(access.OfCookie(cookie));
        new AccessControl(tokens with { Token = AccessControl.NewToken() }, time).OfCookie(cookie).ShouldBeNull();
        Opened().Access.OfCookie(Opened().Cookie)!.FormToken.ShouldNotBe(access.OfCookie(cookie)!.FormToken, StringComparer.Ordinal);
    }

    [Fact]
    public void A_session_cannot_be_made_longer_or_made_up()
    {
        var (access, cookie) = Opened();
        var parts = cookie.Split('-');
        var later = FormattableString.Invariant($"{long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture) + 1}");
        string[] wrong =
        [
            "", "-", "--", cookie + "0", cookie[..^1], "0" + cookie, cookie.ToUpperInvariant(), $"{later}-{parts[1]}-{parts[2]}", $"{parts[0]}-{AccessControl.NewToken()}-{parts[2]}", $"{parts[0]}-{parts[1]}-", $"{parts[0]}-{parts[1]}",
            $"{parts[0]}{parts[1]}--{parts[2]}", $"-{parts[1]}-{parts[2]}", $"x-{parts[1]}-{parts[2]}", $"{cookie}-", access.OfCookie(cookie)!.FormToken, tokens.Token, $"{parts[0]}-{parts[1]}-{access.OfCookie(cookie)!.FormToken}",
        ];
        foreach (var one in wrong) access.OfCookie(one).ShouldBeNull(one);
    }

    private (AccessControl Access, string Cookie) Opened()
    {
        var access = new AccessControl(tokens, time);
        var link = access.NewLink();
        var cookie = access.Redeem(link).ShouldNotBeNull();
        access.Redeem(link).ShouldBeNull();
        return (access, cookie);
    }
}
