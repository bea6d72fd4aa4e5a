using System.Management.Automation;
using System.Security;

namespace P2PCopy.Cmdlets;

/// <summary>Also accepts a secret as text and converts it to a <see cref="SecureString"/>, which no trace prints.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
        => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string text ? FromText(text) : inputData;

    internal static SecureString FromText(string text)
    {
        var secret = new SecureString();
        foreach (char c in text)
            secret.AppendChar(c);
        secret.MakeReadOnly();
        return secret;
    }

    internal static string ToText(SecureString secret) => new System.Net.NetworkCredential(string.Empty, secret).Password;
}
