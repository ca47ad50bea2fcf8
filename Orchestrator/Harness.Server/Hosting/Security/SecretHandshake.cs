using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;

namespace Harness.Server.Hosting.Security;

/// <summary>
/// Both sides of a connection prove that they know the same <see cref="SiloSecret"/>, before the first byte of Orleans: each signs the nonces of both and
/// the address that was dialled. Nothing is encrypted: other users of a machine cannot read its loopback traffic.
/// </summary>
/// <remarks>
/// Caller: magic, nonce. Listener: magic, nonce, proof. Caller: proof. The listener's address is signed because a process that took over the port of a dead
/// silo could pass the messages on to a live one; the side is signed so that no proof can be sent back.
/// </remarks>
internal static class SecretHandshake
{
    private const int NonceLength = 32, ProofLength = 32;

    private static readonly byte[] magic = "HRNSILO1"u8.ToArray();

    /// <summary>The side that dialled.</summary>
    /// <exception cref="PeerRefusedException">The other side does not know the secret.</exception>
    /// <exception cref="AuthenticationException">It did not finish the handshake.</exception>
    public static async Task Call(IDuplexPipe pipe, SiloSecret secret, EndPoint? listener, CancellationToken cancellation)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        await pipe.Output.WriteAsync((byte[])[.. magic, .. nonce], cancellation);
        var answer = await Read(pipe.Input, magic.Length + NonceLength + ProofLength, cancellation)
            ?? throw new AuthenticationException("it closed the connection before it proved that it knows the secret of the data folder");
        if (!answer.AsSpan(0, magic.Length).SequenceEqual(magic)) throw new AuthenticationException("it does not answer as a process of this version does, or it asks for a certificate");
        byte[] nonces = [.. nonce, .. answer.AsSpan(magic.Length, NonceLength)];
        Require(answer.AsSpan(magic.Length + NonceLength), secret, "listener", nonces, listener);
        await pipe.Output.WriteAsync(Proof(secret, "caller", nonces, listener), cancellation);
    }

    /// <summary>The side that was dialled.</summary>
    /// <exception cref="PeerRefusedException">The other side does not know the secret.</exception>
    /// <exception cref="AuthenticationException">It did not finish the handshake.</exception>
    public static async Task Answer(IDuplexPipe pipe, SiloSecret secret, EndPoint? listener, CancellationToken cancellation)
    {
        var hello = await Read(pipe.Input, magic.Length + NonceLength, cancellation);
        if (hello is null || !hello.AsSpan(0, magic.Length).SequenceEqual(magic)) throw new AuthenticationException("it did not begin with the handshake of this version");
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        byte[] nonces = [.. hello.AsSpan(magic.Length), .. nonce];
        await pipe.Output.WriteAsync((byte[])[.. magic, .. nonce, .. Proof(secret, "listener", nonces, listener)], cancellation);
        var proof = await Read(pipe.Input, ProofLength, cancellation) ?? throw new AuthenticationException("it left without a proof that it knows the secret of the data folder");
        Require(proof, secret, "caller", nonces, listener);
    }

    private static void Require(ReadOnlySpan<byte> proof, SiloSecret secret, string side, byte[] nonces, EndPoint? listener)
    {
        if (!CryptographicOperations.FixedTimeEquals(proof, Proof(secret, side, nonces, listener))) throw new PeerRefusedException("it does not know the secret of this data folder");
    }

    private static byte[] Proof(SiloSecret secret, string side, byte[] nonces, EndPoint? listener) =>
        secret.Sign([.. Encoding.UTF8.GetBytes($"harness silo 1\n{side}\n{Text(listener)}\n"), .. nonces]);

    private static string Text(EndPoint? listener) =>
        listener is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port).ToString() : listener?.ToString() ?? "";

    /// <summary>Exactly that many bytes; what follows them stays in the pipe. Null when the other side ended before.</summary>
    private static async Task<byte[]?> Read(PipeReader input, int count, CancellationToken cancellation)
    {
        var read = await input.ReadAtLeastAsync(count, cancellation);
        if (read.Buffer.Length < count)
        {
            input.AdvanceTo(read.Buffer.End);
            return null;
        }

        var bytes = read.Buffer.Slice(0, count);
        var copy = bytes.ToArray();
        input.AdvanceTo(bytes.End);
        return copy;
    }
}
