using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using P2PCopy.Primitives;

namespace P2PCopy.Relay.Hosting;

/// <summary>The relay's certificate with its key and the chain to send.</summary>
internal sealed class ServerCertificate(SslStreamCertificateContext context)
{
    public SslStreamCertificateContext Context { get; } = context;

    public DateTimeOffset Expires => Context.TargetCertificate.NotAfter;

    /// <summary>Reads PEM files.</summary>
    /// <exception cref="P2PException">A file cannot be read, other users can read the key, or the key does not belong to the certificate.</exception>
    public static ServerCertificate Read(string certificateFile, string? keyFile)
    {
        string holdsKey = keyFile ?? certificateFile;
        try
        {
            if (SecretFile.Problem(holdsKey) is { } problem)
                throw new P2PException(P2PErrorCode.InvalidOption, $"The key '{holdsKey}' is not accepted: {problem}") { Hint = SecretFile.Hint(holdsKey) };
            var leaf = X509Certificate2.CreateFromPemFile(certificateFile, holdsKey);
            // Windows cannot serve with a key that is only in memory, so the key is imported by PKCS #12.
            if (OperatingSystem.IsWindows())
            {
                using X509Certificate2 read = leaf;
                leaf = X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
            }

            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            return new ServerCertificate(SslStreamCertificateContext.Create(leaf, chain, offline: true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or NotSupportedException or InvalidOperationException)
        {
            throw new P2PException(
                P2PErrorCode.InvalidOption,
                $"The certificate '{certificateFile}' with the key '{holdsKey}' could not be used: {e.Message}",
                e)
            {
                Hint = "Use PEM files, and the key that belongs to the certificate.",
            };
        }
    }
}
