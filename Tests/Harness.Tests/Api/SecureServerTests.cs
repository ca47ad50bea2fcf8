using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Harness.Orchestrator.Cli;
using Harness.Reports.Model;
using Harness.Server.Api;
using Harness.Server.Hosting.Security;
using Harness.Store;

namespace Harness.Tests.Api;

/// <summary>What other machines reach: TLS with the cluster's authority, the same tokens, and nothing in the clear.</summary>
public sealed class SecureServerTests : IAsyncLifetime
{
    private readonly TemporaryFolder authority = new();
    private RunningServer server = null!;
    private X509Certificate2 root = null!;

    public async ValueTask InitializeAsync()
    {
        ClusterAuthority.Create(authority.Path, TimeProvider.System.GetUtcNow());
        root = X509CertificateLoader.LoadCertificateFromFile(ClusterAuthority.CertificateFile(authority.Path));
        server = await RunningServer.Start(SecureOption.Resolve("127.0.0.1", authority.Path, TimeProvider.System.GetUtcNow()));
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        root.Dispose();
        authority.Dispose();
    }

    [Fact]
    public void Without_an_authority_nothing_is_offered_to_other_machines()
    {
        using var empty = new TemporaryFolder();
        Should.Throw<UsageException>(() => SecureOption.Resolve("127.0.0.1", empty.Path, TimeProvider.System.GetUtcNow())).Message.ShouldContain("cluster init");
        Should.Throw<UsageException>(() => SecureOption.Resolve("0.0.0.0", authority.Path, TimeProvider.System.GetUtcNow()));
        SecureOption.Resolve(null, empty.Path, TimeProvider.System.GetUtcNow()).ShouldBeNull();
    }

    [Fact]
    public async Task It_speaks_tls_shows_a_certificate_of_its_address_and_asks_for_the_token()
    {
        using var client = Client(root);
        (await client.GetAsync("api/experiments", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
        (await client.GetAsync("api/experiments", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync("health/live", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var plain = new HttpClient { BaseAddress = new Uri(server.Server.SecureUrl!.Replace("https:", "http:", StringComparison.Ordinal)) };
        await Should.ThrowAsync<HttpRequestException>(plain.GetAsync("health/live", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("attacker.example")]
    public async Task Over_tls_it_answers_to_its_address_alone(string host)
    {
        // By hand: a client of the library would ask for a certificate of the host that it names.
        var address = new Uri(server.Server.SecureUrl!);
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(connection.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.Host, CertificateChainPolicy = Trust(root) }, TestContext.Current.CancellationToken);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(tls);
        (await reader.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull().ShouldStartWith("HTTP/1.1 421");
    }

    [Theory]
    [InlineData("api/experiments")]
    [InlineData("api/validate")]
    [InlineData("api/plan")]
    public async Task Folders_of_the_server_are_named_by_its_owner_on_this_machine_alone(string route)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("secret.csv"), "t,y\n1,2\n", TestContext.Current.CancellationToken);
        using var remote = Client(root);
        remote.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
        using var proxied = server.Client(server.Token);
        proxied.DefaultRequestHeaders.Add("X-Forwarded-For", "10.0.0.7");
        var roots = System.Text.Json.JsonSerializer.Serialize(new { text = RunningServer.Spec, data_roots = new[] { folder.Path } });
        var path = System.Text.Json.JsonSerializer.Serialize(new { text = RunningServer.Spec, path = folder.File("a.yaml") });
        foreach (var body in (string[])[roots, path])
        {
            foreach (var client in (HttpClient[])[remote, proxied])
            {
                using var refused = await client.PostAsync(route, Json(body), TestContext.Current.CancellationToken);
                refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
                refused.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
                (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("--data-root");
            }

            using var taken = await server.Operator.PostAsync(route, Json(body), TestContext.Current.CancellationToken);
            taken.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
    }

    [Fact]
    public async Task A_session_over_tls_has_a_cookie_that_never_travels_in_the_clear()
    {
        using var client = Client(root);
        using var response = await client.GetAsync(server.Server.NewSecureLink(), TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        response.Headers.GetValues("Set-Cookie").Single().ShouldContain("secure");
    }

    [Fact]
    public async Task The_command_line_trusts_the_authority_that_it_is_given_and_no_other()
    {
        using var known = ServerClient.At(new Uri(server.Server.SecureUrl!), server.Token, root);
        (await known.Get("api/queue", ApiJson.Default.QueueReply, TestContext.Current.CancellationToken)).Slots.ShouldBe(0);
        using var elsewhere = new TemporaryFolder();
        ClusterAuthority.Create(elsewhere.Path, TimeProvider.System.GetUtcNow());
        using var other = X509CertificateLoader.LoadCertificateFromFile(ClusterAuthority.CertificateFile(elsewhere.Path));
        using var stranger = ServerClient.At(new Uri(server.Server.SecureUrl!), server.Token, other);
        await Should.ThrowAsync<ServerSilentException>(stranger.Get("api/queue", ApiJson.Default.QueueReply, TestContext.Current.CancellationToken));
    }

    /// <summary>Checks the name as a browser does.</summary>
    private HttpClient Client(X509Certificate2 trusted)
    {
        var handler = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false };
        handler.SslOptions.CertificateChainPolicy = Trust(trusted);
        return new HttpClient(handler) { BaseAddress = new Uri(server.Server.SecureUrl!) };
    }

    private static X509ChainPolicy Trust(X509Certificate2 authority)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        return policy;
    }
}
