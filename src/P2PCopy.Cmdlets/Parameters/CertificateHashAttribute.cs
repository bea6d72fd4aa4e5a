using System.Management.Automation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace P2PCopy.Cmdlets;

/// <summary>Takes the SHA-256 of a certificate as text, or a certificate object for its SHA-256.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CertificateHashAttribute : ArgumentTransformationAttribute
{
    private const int Digits = 64;

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (input is X509Certificate2 certificate)
            return certificate.GetCertHashString(HashAlgorithmName.SHA256);
        string hash = LanguagePrimitives.ConvertTo<string>(input).Replace(":", string.Empty, StringComparison.Ordinal);
        return hash.Length == Digits && hash.All(char.IsAsciiHexDigit)
            ? hash
            : throw new ArgumentTransformationMetadataException("A pinned certificate is given by its SHA-256: 64 hexadecimal digits, with or without colons, as Test-P2PRelay shows it. A certificate object does, too.");
    }
}
