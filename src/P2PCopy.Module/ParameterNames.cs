using System.Diagnostics.CodeAnalysis;
using P2PCopy.Primitives.Options;
using P2PCopy.Relay.Options;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Module;

/// <summary>Messages with the names of parameters: <c>-WaitTimeoutSeconds</c> for <c>WaitTimeout</c>, <c>-Links Follow</c> for <c>Links Follow</c>.</summary>
internal static class ParameterNames
{
    private static readonly FaceNames Names = new(
        () => [.. OptionLists.All(), .. RelayOptionList.All], option => "-" + option.CmdletName, name => "-" + name, value => value);

    [return: NotNullIfNotNull(nameof(message))]
    public static string? In(string? message) => Names.In(message);
}
