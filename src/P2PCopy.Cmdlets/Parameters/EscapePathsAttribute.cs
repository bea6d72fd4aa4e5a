using System.Collections;
using System.Management.Automation;

namespace P2PCopy.Cmdlets;

/// <summary>
/// PowerShell converts a file object in an argument to text, and brackets in it to a wildcard. This attribute uses the full name of
/// the file literally. An object without a path becomes a text that names its type, so that the error is clear.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EscapePathsAttribute : ArgumentTransformationAttribute
{
    // A path cannot contain NUL, so no file has this name.
    internal const string NoPath = "\0";

    private static readonly string[] PathProperties = ["Path", "LiteralPath", "PSPath", "FullName", "LP"];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
        => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is IEnumerable many and not (string or IDictionary)
            ? many.Cast<object>().Select(Escape).ToArray()
            : Escape(inputData);

    private static object Escape(object item) => (item is PSObject wrapped ? wrapped.BaseObject : item) switch
    {
        FileSystemInfo file => WildcardPattern.Escape(file.FullName),
        null or string or Uri or PathInfo => item,
        var other when HasPath(item) => item,
        var other => NoPath + other.GetType(),
    };

    private static bool HasPath(object item) => PathProperties.Any(name => PSObject.AsPSObject(item).Properties[name] is not null);
}
