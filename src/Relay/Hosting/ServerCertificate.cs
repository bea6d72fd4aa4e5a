using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace P2PCopy.Relay.Hosting;

/// <summary>The relay's certificate with its key and the chain to send.</summary>
internal static class ServerCertificate
{
    /// <summary>Reads PEM files.</summary>
    /// <exception cref="P2PException">They hold no certificate with its key.</exception>
    public static SslStreamCertificateContext Read(string certificateFile, string? keyFile)
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPemFile(certificateFile, keyFile ?? certificateFile);
            // A key that is only in memory cannot serve on Windows: take it through PKCS #12.
            if (OperatingSystem.IsWindows())
            {
                using X509Certificate2 read = leaf;
                leaf = X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
            }

            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            return SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new P2PException(
                P2PErrorCode.InvalidOption,
                $"The certificate '{certificateFile}' with the key '{keyFile ?? certificateFile}' could not be used: {e.Message} Both must be PEM files and belong together.",
                e);
        }
    }
}
