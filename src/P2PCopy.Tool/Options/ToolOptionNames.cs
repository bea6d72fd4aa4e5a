using System.Diagnostics.CodeAnalysis;
using P2PCopy.Primitives.Options;
using P2PCopy.Relay.Options;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tool.Options;

/// <summary>Messages with the names of this tool: <c>--wait-timeout</c> for <c>WaitTimeout</c>, <c>--links follow</c> for <c>Links Follow</c>.</summary>
internal static class ToolOptionNames
{
    private static readonly FaceNames Names = new(
        () => [.. OptionLists.All(), .. RelayOptionList.All], option => option.ToolName, name => "--" + OptionDefinition.Kebab(name), OptionDefinition.Kebab);

    [return: NotNullIfNotNull(nameof(message))]
    public static string? In(string? message) => Names.In(message);
}
