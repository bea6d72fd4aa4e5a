using System.Management.Automation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace P2PCopy.Cmdlets;

/// <summary>Converts a certificate object to its SHA-256.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CertificateHashAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
        => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is X509Certificate2 certificate
            ? certificate.GetCertHashString(HashAlgorithmName.SHA256)
            : inputData;
}
