using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Harness.Store;

namespace Harness.Server.Hosting.Security;

/// <summary>What one process of a cluster shows to the others, and the authority that all of theirs have to come from.</summary>
/// <remarks>Trust is "issued by this cluster's own authority, for this use, and not run out"; names and addresses are not part of it.</remarks>
internal sealed class NodeCertificate(X509Certificate2 own, X509Certificate2 authority)
{
    /// <summary>RFC 5280, 4.2.1.12: TLS server and client authentication. Every process is both.</summary>
    public static readonly Oid ServerUse = new("1.3.6.1.5.5.7.3.1");

    public static readonly Oid ClientUse = new("1.3.6.1.5.5.7.3.2");

    public X509Certificate2 Own => own;

    public X509Certificate2 Authority => authority;

    /// <summary>Reads what <c>harness cluster join</c> wrote: certificate, private key and the authority's certificate in one PEM file.</summary>
    /// <exception cref="UsageException">It is not there, not such a file, open to others, or has run out.</exception>
    public static NodeCertificate Load(string path, DateTimeOffset now)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != UnixFileMode.None)
                throw new UsageException($"{path} holds a private key and is readable by other users. Run chmod 600 '{path}'.");
            var text = File.ReadAllText(path);
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(text);
            if (certificates.Count != 2) throw new CryptographicException($"it holds {certificates.Count} certificates instead of two.");
            var own = WithKey(text);
            var certificate = new NodeCertificate(own, certificates[1]);
            if (new DateTimeOffset(own.NotAfter) < now) throw new UsageException($"{path} expired on {own.NotAfter:yyyy-MM-dd}. Create a new one: harness cluster join {own.GetNameInfo(X509NameType.SimpleName, forIssuer: false)}");
            if (!certificate.Accepts(own, ServerUse)) throw new CryptographicException("its certificate does not come from the authority beside it.");
            return certificate;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new UsageException($"{path} cannot be used as this process's certificate: {error.Message} 'harness cluster join NAME' creates one.");
        }
    }

    /// <summary>The first certificate of a PEM text, with its key.</summary>
    public static X509Certificate2 WithKey(string pem)
    {
        using var withKey = X509Certificate2.CreateFromPem(pem, pem);
        // Windows' TLS takes no key that lives in memory only.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Whether the other side's certificate comes from this cluster's authority, for that use.</summary>
    public bool Accepts(X509Certificate? other, Oid use) => FaultOf(other, use) is null;

    /// <summary>Why the other side's certificate is not accepted; null when it is.</summary>
    public string? FaultOf(X509Certificate? other, Oid use)
    {
        if (other is null) return "it shows no certificate";
        using var certificate = new X509Certificate2(other);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.ApplicationPolicy.Add(use);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (chain.Build(certificate)) return null;
        var found = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, status) => flags | status.Status);
        var name = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        if (found.HasFlag(X509ChainStatusFlags.NotTimeValid)) return $"its certificate '{name}' is valid from {certificate.NotBefore:yyyy-MM-dd} to {certificate.NotAfter:yyyy-MM-dd} only";
        return found.HasFlag(X509ChainStatusFlags.NotValidForUsage)
            ? $"its certificate '{name}' is not made for this use"
            : $"its certificate '{name}' does not come from the authority of this cluster";
    }
}
