using System.Management.Automation;

namespace P2PCopy.Cmdlets;

/// <summary>Reads <c>Auto</c> as 0, which lets the engine choose.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConnectionCountAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
        => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string text && text.Equals("Auto", StringComparison.OrdinalIgnoreCase)
            ? 0
            : inputData;
}
