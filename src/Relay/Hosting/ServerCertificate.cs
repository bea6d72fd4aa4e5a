using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace P2PCopy.Relay.Hosting;

/// <summary>The relay's certificate with its key and the chain to send.</summary>
internal sealed class ServerCertificate(SslStreamCertificateContext context)
{
    public SslStreamCertificateContext Context { get; } = context;

    public DateTimeOffset Expires => Context.TargetCertificate.NotAfter;

    /// <summary>Reads PEM files.</summary>
    /// <exception cref="P2PException">A file cannot be read, or the key does not belong to the certificate.</exception>
    public static ServerCertificate Read(string certificateFile, string? keyFile)
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPemFile(certificateFile, keyFile ?? certificateFile);
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
                $"The certificate '{certificateFile}' with the key '{keyFile ?? certificateFile}' could not be used: {e.Message}",
                e)
            {
                Hint = "Use PEM files, and the key that belongs to the certificate.",
            };
        }
    }
}
