using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace P2PCopy.Tests.Testing;

/// <summary>Self-signed certificates for one test, with their PEM files in a folder of their own.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("p2pcopy-certificates-");

    public TestCertificates(string name = "localhost")
    {
        CertificateFile = Path.Combine(_folder.FullName, "certificate.pem");
        KeyFile = Path.Combine(_folder.FullName, "key.pem");
        Certificate = Renew(name);
    }

    /// <summary>The certificate with its key.</summary>
    public X509Certificate2 Certificate { get; private set; }

    /// <summary>PEM of the certificate; as it is self-signed, also the file of its authority.</summary>
    public string CertificateFile { get; }

    /// <summary>PEM of the key.</summary>
    public string KeyFile { get; }

    /// <summary>SHA-256 of the certificate in hex.</summary>
    public string Fingerprint => Certificate.GetCertHashString(HashAlgorithmName.SHA256);

    /// <summary>Makes another certificate and writes both files anew.</summary>
    public X509Certificate2 Renew(string name = "localhost", DateTimeOffset? notAfter = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == "localhost")
            names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset end = notAfter ?? DateTimeOffset.UtcNow.AddDays(2);
        DateTimeOffset start = end.AddDays(-4), yesterday = DateTimeOffset.UtcNow.AddDays(-1);
        using X509Certificate2 made = request.CreateSelfSigned(start < yesterday ? start : yesterday, end);
        File.WriteAllText(CertificateFile, made.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // A key that was only in memory cannot serve everywhere: take it through PKCS #12.
        Certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        return Certificate;
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _folder.Delete(recursive: true);
    }
}
