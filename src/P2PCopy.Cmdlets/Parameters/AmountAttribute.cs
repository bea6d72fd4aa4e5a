using System.Management.Automation;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>
/// Reads sizes and rates as the tool does: <c>10Mbit</c>, <c>512KiB</c>. What PowerShell itself reads as a number stays so:
/// its <c>10MB</c> is 10 × 1048576.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AmountAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is not string text || LanguagePrimitives.TryConvertTo(text, out long _))
            return inputData;
        return ByteSize.TryParse(text, out long bytes)
            ? bytes
            : throw new ArgumentTransformationMetadataException($"'{text}' is not an amount. Use a number of bytes, or a number with a unit such as 512KiB, 10MiB or 50Mbit.");
    }
}
