using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;

namespace Harness.Orchestrator.Hosting.Security;

/// <summary>
/// Encrypts what silos say to each other; both sides show a certificate of the cluster's authority before the first byte of it.
/// </summary>
/// <remarks>A process without such a certificate reaches no grain: whoever can call one could hand out results.</remarks>
internal static class MutualTls
{
    private static readonly TimeSpan HandshakePatience = TimeSpan.FromSeconds(10);

    public static void Require(ISiloBuilder silo, NodeCertificate certificate) => silo.Configure<SiloConnectionOptions>(options =>
    {
        options.ConfigureSiloInboundConnection(builder => builder.Use(next => context => Secure(context, next, certificate, asServer: true)));
        options.ConfigureGatewayInboundConnection(builder => builder.Use(next => context => Secure(context, next, certificate, asServer: true)));
        options.ConfigureSiloOutboundConnection(builder => builder.Use(next => context => Secure(context, next, certificate, asServer: false)));
    });

    private static async Task Secure(ConnectionContext connection, ConnectionDelegate next, NodeCertificate certificate, bool asServer)
    {
        var raw = connection.Transport;
        await using var stream = new SslStream(new PipeStream(raw), leaveInnerStreamOpen: true);
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed))
        {
            patience.CancelAfter(HandshakePatience);
            await Greet(stream, certificate, asServer, patience.Token);
        }

        var secured = new DuplexPipe(
            PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)),
            PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
        try
        {
            connection.Transport = secured;
            await next(connection);
        }
        finally
        {
            await secured.Input.CompleteAsync();
            await secured.Output.CompleteAsync();
            connection.Transport = raw;
        }
    }

    /// <summary>The handshake of one side; throws when the other is not of this cluster.</summary>
    public static Task Greet(SslStream stream, NodeCertificate certificate, bool asServer, CancellationToken cancellation)
    {
        var shown = SslStreamCertificateContext.Create(certificate.Own, [certificate.Authority], offline: true);
        const SslProtocols protocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        return asServer
            ? stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = shown, ClientCertificateRequired = true, EnabledSslProtocols = protocols, CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, other, _, _) => certificate.Accepts(other, NodeCertificate.ClientUse),
            }, cancellation)
            : stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "harness", ClientCertificateContext = shown, EnabledSslProtocols = protocols, CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, other, _, _) => certificate.Accepts(other, NodeCertificate.ServerUse),
            }, cancellation);
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
