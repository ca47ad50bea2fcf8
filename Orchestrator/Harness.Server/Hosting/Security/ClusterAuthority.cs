using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Harness.Store;
using Harness.Store.Files;

namespace Harness.Server.Hosting.Security;

/// <summary>A cluster's own certificate authority: two files in the data folder of its server, made once, and what it issues.</summary>
internal sealed class ClusterAuthority(X509Certificate2 certificate)
{
    private const int AuthorityYears = 10;
    private const int NodeYears = 2;

    /// <summary>The certificate of the server's own processes, taken when none is named.</summary>
    public static string OwnFile(string folder) => Path.GetFullPath(Path.Combine(folder, "cluster", "node.pem"));

    /// <summary>The authority's own certificate, for browsers and for <c>--ca</c>.</summary>
    public static string CertificateFile(string folder) => Path.GetFullPath(Path.Combine(folder, "cluster", "ca.pem"));

    private static string KeyFile(string folder) => Path.GetFullPath(Path.Combine(folder, "cluster", "ca-key.pem"));

    /// <summary>Makes the authority of a data folder.</summary>
    /// <exception cref="UsageException">It has one already: a second would part the cluster.</exception>
    public static ClusterAuthority Create(string folder, DateTimeOffset now)
    {
        if (File.Exists(CertificateFile(folder)) || File.Exists(KeyFile(folder)))
            throw new UsageException($"{Path.GetDirectoryName(CertificateFile(folder))} holds an authority already. 'harness cluster join NAME' creates certificates. If you remove the folder, every machine needs a new one.");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=harness cluster", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(AuthorityYears));
        Directory.CreateDirectory(Path.GetDirectoryName(KeyFile(folder))!);
        OwnerFile.Write(KeyFile(folder), key.ExportPkcs8PrivateKeyPem());
        OwnerFile.Write(CertificateFile(folder), certificate.ExportCertificatePem());
        return new ClusterAuthority(certificate);
    }

    /// <exception cref="UsageException">There is none, or its files are damaged.</exception>
    public static ClusterAuthority Open(string folder)
    {
        try
        {
            return new ClusterAuthority(X509Certificate2.CreateFromPemFile(CertificateFile(folder), KeyFile(folder)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UsageException($"'{folder}' has no usable authority: {error.Message} 'harness cluster init' creates one, on the server's machine.");
        }
    }

    /// <summary>A new certificate with its private key and the authority's certificate, as one PEM text.</summary>
    /// <param name="name">Whose; for people.</param>
    /// <param name="reachedAs">Addresses and names by which browsers reach it; none for a process that only its cluster speaks with.</param>
    public string Issue(string name, DateTimeOffset now, params IReadOnlyList<string> reachedAs)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([NodeCertificate.ServerUse, NodeCertificate.ClientUse], critical: true));
        if (reachedAs.Count > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var text in reachedAs)
            {
                if (IPAddress.TryParse(text, out var address)) names.AddIpAddress(address);
                else names.AddDnsName(text);
            }

            request.CertificateExtensions.Add(names.Build());
        }

        // Nothing outlives the authority that vouches for it.
        var (until, end) = (now.AddYears(NodeYears), new DateTimeOffset(certificate.NotAfter));
        if (until > end) until = end;
        using var issued = request.Create(certificate, now.AddDays(-1), until, RandomNumberGenerator.GetBytes(16));
        return string.Join('\n', issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), certificate.ExportCertificatePem(), "");
    }
}
