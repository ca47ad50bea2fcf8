using System.IO.Pipelines;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;

namespace Harness.Server.Hosting.Security;

/// <summary>Stands before every connection between silos, in both directions: a process that cannot prove that it belongs here reaches no grain.</summary>
/// <param name="log">Names the refused.</param>
internal sealed class SiloGate(Admission admission, PeerLog log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Where nothing is proved, a silo that waits for a certificate is known by its silence.</summary>
    private static readonly TimeSpan WithoutProof = TimeSpan.FromSeconds(3);

    public Admission Admission => admission;

    /// <summary>Both sides show a certificate of the cluster's authority, and what they say is encrypted.</summary>
    public static void RequireCertificates(ISiloBuilder silo, NodeCertificate certificate) =>
        Require(silo, Admission.Certificate, (connection, isListener, cancellation) => MutualTls.Secure(connection.Transport, certificate, isListener, cancellation));

    /// <summary>Both sides prove that they know the secret of the data folder.</summary>
    public static void RequireSecret(ISiloBuilder silo, SiloSecret secret) => Require(silo, Admission.Secret, async (connection, isListener, cancellation) =>
    {
        if (isListener) await SecretHandshake.Answer(connection.Transport, secret, connection.LocalEndPoint, cancellation);
        else await SecretHandshake.Call(connection.Transport, secret, connection.RemoteEndPoint, cancellation);
        return new Passage(connection.Transport, () => ValueTask.CompletedTask);
    });

    /// <summary>Nobody proves anything; a process that asks for a certificate is still told from one that is away.</summary>
    public static void RequireNothing(ISiloBuilder silo) =>
        Require(silo, Admission.Anybody, (connection, _, _) => Task.FromResult(new Passage(connection.Transport, () => ValueTask.CompletedTask)));

    private static void Require(ISiloBuilder silo, Admission admission, Greeting greet)
    {
        silo.Services.AddSingleton<PeerLog>();
        silo.Services.AddSingleton(services => new SiloGate(admission, services.GetRequiredService<PeerLog>()));
        silo.Services.AddOptions<SiloConnectionOptions>().Configure<IServiceProvider>((options, services) =>
        {
            options.ConfigureSiloInboundConnection(builder => Use(builder, isListener: true));
            options.ConfigureGatewayInboundConnection(builder => Use(builder, isListener: true));
            options.ConfigureSiloOutboundConnection(builder => Use(builder, isListener: false));

            void Use(IConnectionBuilder builder, bool isListener) =>
                builder.Use(next => connection => services.GetRequiredService<SiloGate>().Pass(connection, next, greet, isListener));
        });
    }

    private async Task Pass(ConnectionContext connection, ConnectionDelegate next, Greeting greet, bool isListener)
    {
        var raw = connection.Transport;
        var passage = await Open(connection, greet, isListener);
        try
        {
            connection.Transport = passage.Transport;
            await next(connection);
        }
        finally
        {
            connection.Transport = raw;
            await passage.Close();
        }
    }

    private async Task<Passage> Open(ConnectionContext connection, Greeting greet, bool isListener)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        patience.CancelAfter(admission == Admission.Anybody ? WithoutProof : Patience);
        try
        {
            var passage = await greet(connection, isListener, patience.Token);
            // A silo that accepts its caller speaks at once; one that refuses it closes the connection.
            if (!isListener) await AwaitWelcome(passage.Transport.Input, patience.Token);
            log.Admit(isListener);
            return passage;
        }
        catch (Exception error) when (error is AuthenticationException or IOException or OperationCanceledException)
        {
            var reason = error is OperationCanceledException ? "it did not finish the handshake" : error.Message;
            log.Refuse(isListener, connection.RemoteEndPoint, reason, isCertain: error is PeerRefusedException);
            throw new AuthenticationException(reason, error);
        }
    }

    private static async Task AwaitWelcome(PipeReader input, CancellationToken cancellation)
    {
        const string closed = "it closed the connection, so it does not accept this process";
        ReadResult first;
        try
        {
            first = await input.ReadAsync(cancellation);
        }
        catch (IOException error)
        {
            throw new AuthenticationException(closed, error);
        }

        if (first.Buffer.IsEmpty) throw new AuthenticationException(closed);
        input.AdvanceTo(first.Buffer.Start);
    }

    private delegate Task<Passage> Greeting(ConnectionContext connection, bool isListener, CancellationToken cancellation);
}

/// <summary>A connection whose other side belongs to the cluster.</summary>
/// <param name="Transport">What the silo reads and writes.</param>
/// <param name="Close">Ends what was put between.</param>
internal sealed record Passage(IDuplexPipe Transport, Func<ValueTask> Close);

/// <summary>The other side has shown what it is, and it does not belong here.</summary>
internal sealed class PeerRefusedException(string message, Exception? cause = null) : AuthenticationException(message, cause);

/// <summary>What a process has to prove.</summary>
internal enum Admission
{
    /// <summary>That it has a certificate of the cluster's authority.</summary>
    Certificate,

    /// <summary>That it knows the secret of the data folder.</summary>
    Secret,

    /// <summary>Nothing.</summary>
    Anybody,
}
