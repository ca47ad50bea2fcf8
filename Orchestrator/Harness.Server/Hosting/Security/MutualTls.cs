using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Harness.Server.Hosting.Security;

/// <summary>
/// Encrypts what silos say to each other; both sides show a certificate of the cluster's authority before the first byte of it.
/// </summary>
internal static class MutualTls
{
    /// <summary>The handshake of one side, and the encrypted connection behind it.</summary>
    /// <exception cref="PeerRefusedException">The other side's certificate is not accepted; the message says why.</exception>
    /// <exception cref="AuthenticationException">It did not finish the handshake.</exception>
    public static async Task<Passage> Secure(IDuplexPipe raw, NodeCertificate certificate, bool isListener, CancellationToken cancellation)
    {
        var stream = new SslStream(new PipeStream(raw), leaveInnerStreamOpen: true);
        try
        {
            await Greet(stream, certificate, isListener, cancellation);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        var secured = new DuplexPipe(
            PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)),
            PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
        return new Passage(secured, async () =>
        {
            await secured.Input.CompleteAsync();
            await secured.Output.CompleteAsync();
            await stream.DisposeAsync();
        });
    }

    /// <summary>The handshake of one side; throws when the other is not of this cluster.</summary>
    /// <exception cref="PeerRefusedException">See <see cref="Secure"/>.</exception>
    /// <exception cref="AuthenticationException">See <see cref="Secure"/>.</exception>
    public static async Task Greet(SslStream stream, NodeCertificate certificate, bool asServer, CancellationToken cancellation)
    {
        var shown = SslStreamCertificateContext.Create(certificate.Own, [certificate.Authority], offline: true);
        const SslProtocols protocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        string? fault = null;
        try
        {
            await (asServer
                ? stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = shown, ClientCertificateRequired = true, EnabledSslProtocols = protocols, CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = (_, other, _, _) => (fault = certificate.FaultOf(other, NodeCertificate.ClientUse)) is null,
                }, cancellation)
                : stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = "harness", ClientCertificateContext = shown, EnabledSslProtocols = protocols, CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = (_, other, _, _) => (fault = certificate.FaultOf(other, NodeCertificate.ServerUse)) is null,
                }, cancellation));
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            if (fault is not null) throw new PeerRefusedException(fault, error);
            throw new AuthenticationException($"its TLS handshake failed, perhaps because it has no certificate: {error.Message.TrimEnd('.')}", error);
        }
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>A pair of pipes as the one stream that <see cref="SslStream"/> wants.</summary>
    private sealed class PipeStream(IDuplexPipe pipes) : Stream
    {
        private readonly Stream input = pipes.Input.AsStream(leaveOpen: true);
        private readonly Stream output = pipes.Output.AsStream(leaveOpen: true);

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => input.ReadAsync(buffer, offset, count, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => output.WriteAsync(buffer, offset, count, cancellationToken);

        public override void Flush() => output.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
