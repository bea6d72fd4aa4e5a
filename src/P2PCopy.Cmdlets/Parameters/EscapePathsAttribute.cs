using System.Buffers;
using System.Collections;
using System.Management.Automation;
using System.Text;

namespace P2PCopy.Cmdlets;

/// <summary>
/// A text is a path that may be a wildcard. An object stands for the file that it names, brackets included: its path comes
/// out escaped. An object without a path comes out as its type, for the error that names it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EscapePathsAttribute : ArgumentTransformationAttribute
{
    // A path cannot contain NUL, so no file has this name.
    internal const string NoPath = "\0";

    // WildcardPattern.Escape leaves the escape character itself alone, which makes another name of one that has it.
    private static readonly SearchValues<char> Special = SearchValues.Create("*?[]`");

    // From the most certain to the least: FullName of a result of Select-Object, Path of Get-FileHash or of a row.
    private static readonly string[] PathProperties = ["PSPath", "LiteralPath", "LP", "FullName", "Path"];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        string[] paths = [.. Paths(inputData, isName: false)];
        return paths is [string only] ? only : paths;
    }

    /// <param name="item">An object of the pipeline, an argument or a property.</param>
    /// <param name="isName">True for the property of an object, which is never a wildcard.</param>
    private static IEnumerable<string> Paths(object? item, bool isName)
    {
        object? value = Unwrap(item);
        switch (value)
        {
            case null:
                return [string.Empty];
            case FileSystemInfo file:
                return [Escape(file.FullName)];
            case string text:
                return [isName ? Escape(text) : text];
            case Uri address:
                return [isName ? Escape(address.OriginalString) : address.OriginalString];
            case IEnumerable many and not IDictionary:
                return many.Cast<object>().SelectMany(one => Paths(one, isName));
            default:
                return FromProperties(value, PSObject.AsPSObject(item!));
        }
    }

    private static IEnumerable<string> FromProperties(object value, PSObject item)
    {
        if (value is not IDictionary)
        {
            foreach (string name in PathProperties)
            {
                if (item.Properties[name]?.Value is { } path && Unwrap(path) is string or FileSystemInfo or IEnumerable)
                    return Paths(path, isName: true);
            }
        }

        return [NoPath + value.GetType()];
    }

    private static object? Unwrap(object? item) => item is PSObject wrapped ? wrapped.BaseObject : item;

    private static string Escape(string path)
    {
        if (!path.AsSpan().ContainsAny(Special))
            return path;
        var escaped = new StringBuilder(path.Length + 8);
        foreach (char c in path)
        {
            if (Special.Contains(c))
                escaped.Append('`');
            escaped.Append(c);
        }

        return escaped.ToString();
    }
}
