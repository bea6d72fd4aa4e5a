using System.Collections;
using System.Management.Automation;

namespace P2PCopy.Cmdlets;

/// <summary>
/// A file object given as an argument would become a string, and its brackets a wildcard: this takes its full name
/// literally. Any other object without a path would become some text: this names its type instead.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EscapePathsAttribute : ArgumentTransformationAttribute
{
    // No path has a NUL, so this cannot be the name of a file.
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
