using System.IO.Pipelines;
using System.Net;
using System.Security.Authentication;
using System.Text;
using Harness.Reports.Model;
using Harness.Server.Hosting.Security;
using Harness.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Tests.Orchestrator;

public sealed class SecretHandshakeTests
{
    private static readonly IPEndPoint address = new(IPAddress.Loopback, 4711);

    private readonly SiloSecret ours = SiloSecret.New();

    [Fact]
    public async Task Two_processes_with_one_secret_accept_each_other_and_lose_no_byte()
    {
        var (caller, listener) = Pipes();
        var answer = SecretHandshake.Answer(listener, ours, address, Cancellation);
        await SecretHandshake.Call(caller, ours, address, Cancellation);
        await caller.Output.WriteAsync("first"u8.ToArray(), Cancellation);
        await answer;
        Encoding.UTF8.GetString((await listener.Input.ReadAtLeastAsync(5, Cancellation)).Buffer.FirstSpan).ShouldBe("first");
    }

    [Fact]
    public async Task Another_secret_is_refused_on_both_sides()
    {
        var (caller, listener) = Pipes();
        var answer = SecretHandshake.Answer(listener, ours, address, Cancellation);
        (await Should.ThrowAsync<AuthenticationException>(SecretHandshake.Call(caller, SiloSecret.New(), address, Cancellation))).Message.ShouldContain("does not know the secret");
        await caller.Output.CompleteAsync();
        (await Should.ThrowAsync<AuthenticationException>(answer)).Message.ShouldContain("without a proof");
    }

    /// <summary>A process took over the port of a dead silo and passes the messages on to a live one.</summary>
    [Fact]
    public async Task A_handshake_passed_on_to_another_address_is_refused()
    {
        var (caller, listener) = Pipes();
        _ = SecretHandshake.Answer(listener, ours, new IPEndPoint(IPAddress.Loopback, 4712), Cancellation);
        await Should.ThrowAsync<AuthenticationException>(SecretHandshake.Call(caller, ours, address, Cancellation));
    }

    [Fact]
    public async Task A_proof_that_is_sent_back_is_refused()
    {
        var (caller, listener) = Pipes();
        var answer = SecretHandshake.Answer(listener, ours, address, Cancellation);
        await caller.Output.WriteAsync((byte[])[.. "HRNSILO1"u8, .. new byte[32]], Cancellation);
        var read = await caller.Input.ReadAtLeastAsync(72, Cancellation);
        var proof = System.Buffers.BuffersExtensions.ToArray(read.Buffer)[40..];
        await caller.Output.WriteAsync(proof, Cancellation);
        (await Should.ThrowAsync<AuthenticationException>(answer)).Message.ShouldContain("does not know the secret");
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n")]
    [InlineData("HRNSILO1")]
    [InlineData("")]
    public async Task What_is_not_the_handshake_gets_no_answer(string sent)
    {
        var (caller, listener) = Pipes();
        var answer = SecretHandshake.Answer(listener, ours, address, Cancellation);
        await caller.Output.WriteAsync(Encoding.ASCII.GetBytes(sent), Cancellation);
        await caller.Output.CompleteAsync();
        (await Should.ThrowAsync<AuthenticationException>(answer)).Message.ShouldContain("did not begin with the handshake");
        caller.Input.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public void A_folder_has_one_secret_that_only_its_owner_reads()
    {
        using var folder = new TemporaryFolder();
        var first = SiloSecret.Of(folder.Path, mayRenew: false, NullLogger.Instance);
        SiloSecret.Of(folder.Path, mayRenew: true, NullLogger.Instance).Sign("a"u8).ShouldBe(first.Sign("a"u8));
        var path = SiloSecret.PathIn(folder.Path);
        Directory.GetFiles(folder.Path).ShouldBe([path]);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            Should.Throw<StoreException>(() => SiloSecret.Of(folder.Path, mayRenew: false, NullLogger.Instance)).Message.ShouldContain("Restart the server");
            SiloSecret.Of(folder.Path, mayRenew: true, NullLogger.Instance).Sign("a"u8).ShouldNotBe(first.Sign("a"u8));
        }

        File.WriteAllText(path, "hello");
        Should.Throw<StoreException>(() => SiloSecret.Of(folder.Path, mayRenew: true, NullLogger.Instance)).Message.ShouldContain("Remove it");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static (IDuplexPipe Caller, IDuplexPipe Listener) Pipes()
    {
        var (there, back) = (new Pipe(), new Pipe());
        return (new Ends(back.Reader, there.Writer), new Ends(there.Reader, back.Writer));
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
