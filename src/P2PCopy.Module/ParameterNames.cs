using System.Diagnostics.CodeAnalysis;

namespace P2PCopy.Module;

/// <summary>The engine's messages name options as its API does; here they are parameters of cmdlets.</summary>
internal static class ParameterNames
{
    [return: NotNullIfNotNull(nameof(message))]
    public static string? In(string? message) => message is null ? null : OptionNames.Replace(message, option => "-" + option);
}
