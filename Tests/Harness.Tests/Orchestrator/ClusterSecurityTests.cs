using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Harness.Orchestrator.Cli;
using Harness.Reports.Model;
using Harness.Server.Hosting.Security;
using Harness.Store;
using Harness.Store.Files;

namespace Harness.Tests.Orchestrator;

public sealed class ClusterSecurityTests : IDisposable
{
    private static readonly DateTimeOffset now = TimeProvider.System.GetUtcNow();

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Processes_of_one_cluster_speak_encrypted()
    {
        var authority = ClusterAuthority.Create(folder.File("a"), now);
        (await Greet(Node(authority, "server"), Node(authority, "gpu1"))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_on_both_sides()
    {
        var ours = ClusterAuthority.Create(folder.File("a"), now);
        var theirs = ClusterAuthority.Create(folder.File("b"), now);
        (await Greet(Node(ours, "server"), Node(theirs, "stranger"))).ShouldBeFalse();
        (await Greet(Node(theirs, "stranger"), Node(ours, "worker"))).ShouldBeFalse();
    }

    [Fact]
    public async Task Whoever_shows_no_certificate_is_refused()
    {
        var authority = ClusterAuthority.Create(folder.File("a"), now);
        var (server, client) = await Streams();
        await using var shown = new SslStream(server);
        await using var plain = new SslStream(client);
        var answer = MutualTls.Greet(shown, Node(authority, "server"), asServer: true, TestContext.Current.CancellationToken);
        await plain.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "harness", RemoteCertificateValidationCallback = (_, shownByServer, _, _) => shownByServer is not null }, TestContext.Current.CancellationToken);
        await Should.ThrowAsync<AuthenticationException>(() => answer);
    }

    [Fact]
    public void An_authority_is_made_once_and_issues_afterwards()
    {
        ClusterAuthority.Create(folder.File("a"), now);
        Should.Throw<UsageException>(() => ClusterAuthority.Create(folder.File("a"), now)).Message.ShouldContain("already");
        Node(ClusterAuthority.Open(folder.File("a")), "later").Own.Subject.ShouldBe("CN=later");
        Should.Throw<UsageException>(() => ClusterAuthority.Open(folder.File("nowhere"))).Message.ShouldContain("cluster init");
    }

    [Fact]
    public void A_certificate_that_has_run_out_or_that_others_can_read_or_that_is_none_is_refused_with_the_cure()
    {
        var authority = ClusterAuthority.Create(folder.File("a"), now.AddYears(-3));
        var old = Write("old.pem", authority.Issue("old", now.AddYears(-3)));
        Should.Throw<UsageException>(() => NodeCertificate.Load(old, now)).Message.ShouldContain("cluster join old");
        var fresh = authority.Issue("fresh", now);
        Should.Throw<UsageException>(() => NodeCertificate.Load(Write("half.pem", fresh[..fresh.LastIndexOf("-----BEGIN", StringComparison.Ordinal)]), now)).Message.ShouldContain("two");
        Should.Throw<UsageException>(() => NodeCertificate.Load(Write("text.pem", "hello"), now)).Message.ShouldContain("cluster join NAME");
        Should.Throw<UsageException>(() => NodeCertificate.Load(folder.File("absent.pem"), now)).Message.ShouldContain("cluster join NAME");
        if (OperatingSystem.IsWindows()) return;
        var open = Write("open.pem", fresh);
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Should.Throw<UsageException>(() => NodeCertificate.Load(open, now)).Message.ShouldContain("chmod 600");
    }

    [Theory]
    [InlineData("127.0.0.1:6379")]
    [InlineData("http://127.0.0.1")]
    [InlineData("redis://")]
    [InlineData("redis://host/zero")]
    [InlineData("redis://password@host")]
    [InlineData("redis://host?ssl=true")]
    public void What_is_no_address_of_a_redis_is_refused(string url) =>
        Should.Throw<UsageException>(() => ClusterOptions.Redis(url)).Message.ShouldContain("expected redis://");

    [Fact]
    public void An_address_of_a_redis_is_read_with_its_parts()
    {
        var options = ClusterOptions.Redis("rediss://me:s%40crat@example.org:7000/3");
        (options.User, options.Password, options.Ssl, options.DefaultDatabase).ShouldBe(("me", "s@crat", true, 3));
        options.EndPoints.ShouldHaveSingleItem().ShouldBe(new DnsEndPoint("example.org", 7000));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("gpu1")]
    [InlineData("203.0.113.7")]
    [InlineData("127.0.0.1:99999")]
    public void What_is_no_address_of_this_machine_is_refused(string listen) =>
        Should.Throw<UsageException>(() => ClusterOptions.Endpoint(listen)).Message.ShouldContain("--listen");

    [Theory]
    [InlineData("--listen", "127.0.0.1")]
    [InlineData("--insecure-lan")]
    public void Options_for_several_machines_ask_for_a_cluster(params string[] options)
    {
        var command = new System.CommandLine.Command("serve");
        var cluster = new ClusterOptions();
        cluster.AddTo(command);
        Should.Throw<UsageException>(() => cluster.Resolve(command.Parse(options), folder.File("a"))).Message.ShouldContain("--cluster");
    }

    [Fact]
    public void Beyond_this_machine_nothing_listens_without_a_certificate()
    {
        var address = Array.Find(Dns.GetHostAddresses(Dns.GetHostName()), address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Assert.SkipWhen(address is null, "SKIPPED: this machine has no address but loopback.");
        var command = new System.CommandLine.Command("serve");
        var cluster = new ClusterOptions();
        cluster.AddTo(command);
        string[] options = ["--cluster", "redis://127.0.0.1", "--listen", address.ToString()];
        Should.Throw<UsageException>(() => cluster.Resolve(command.Parse(options), folder.File("a"))).Message.ShouldContain("no certificate");
        cluster.Resolve(command.Parse([.. options, "--insecure-lan"]), folder.File("a")).Certificate.ShouldBeNull();
        OwnerFile.Write(ClusterAuthority.OwnFile(folder.File("a")), ClusterAuthority.Create(folder.File("a"), now).Issue("server", now));
        cluster.Resolve(command.Parse(options), folder.File("a")).Certificate.ShouldNotBeNull();
    }

    private NodeCertificate Node(ClusterAuthority authority, string name) => NodeCertificate.Load(Write(name + ".pem", authority.Issue(name, now)), now);

    private string Write(string name, string text)
    {
        OwnerFile.Write(folder.File(name), text);
        return folder.File(name);
    }

    private static async Task<bool> Greet(NodeCertificate server, NodeCertificate client)
    {
        var (one, other) = await Streams();
        await using var inbound = new SslStream(one);
        await using var outbound = new SslStream(other);
        // TLS 1.3: the client learns of its refusal with the first bytes that it reads.
        var both = Task.WhenAll(Serve(), Call());
        try
        {
            await both;
            return inbound.IsMutuallyAuthenticated && outbound.IsMutuallyAuthenticated;
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            return false;
        }

        async Task Serve()
        {
            try
            {
                await MutualTls.Greet(inbound, server, asServer: true, TestContext.Current.CancellationToken);
                await inbound.WriteAsync(new byte[] { 1 }, TestContext.Current.CancellationToken);
            }
            catch
            {
                await inbound.DisposeAsync();
                throw;
            }
        }

        async Task Call()
        {
            try
            {
                await MutualTls.Greet(outbound, client, asServer: false, TestContext.Current.CancellationToken);
                await outbound.ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken);
            }
            catch
            {
                await outbound.DisposeAsync();
                throw;
            }
        }
    }

    private static async Task<(NetworkStream Server, NetworkStream Client)> Streams()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        return ((await accepting).GetStream(), client.GetStream());
    }
}
