using System.CommandLine;
using System.Runtime.CompilerServices;
using P2PCopy.Primitives.Options;

namespace P2PCopy.Tool.Options;

/// <summary>The heading under which help lists each option of the command line.</summary>
internal static class OptionGroups
{
    private static readonly ConditionalWeakTable<Option, object> Groups = [];

    /// <summary>Adds an option to a command under a heading.</summary>
    public static void Add(this Command command, Option option, OptionGroup group)
    {
        Groups.AddOrUpdate(option, group);
        command.Options.Add(option);
    }

    /// <summary>The heading of an option; null for one that has none.</summary>
    public static OptionGroup? Of(Option option) => Groups.TryGetValue(option, out object? group) ? (OptionGroup)group : null;
}
