using System.Management.Automation;

namespace P2PCopy.Cmdlets;

/// <summary>
/// A file object given as an argument would become a string, and its brackets a wildcard. This takes its full name
/// literally.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EscapePathsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
        => inputData is object[] many ? Array.ConvertAll(many, Escape) : Escape(inputData);

    private static object Escape(object item)
        => (item is PSObject wrapped ? wrapped.BaseObject : item) is FileSystemInfo file ? WildcardPattern.Escape(file.FullName) : item;
}
