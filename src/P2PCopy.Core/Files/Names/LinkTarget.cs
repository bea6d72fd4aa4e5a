using P2PCopy.Primitives;

namespace P2PCopy.Files.Names;

/// <summary>Checks the targets of preserved links.</summary>
internal static class LinkTarget
{
    /// <summary>
    /// The name that a relative target leads to, or null when it leaves the destination. Parent steps are allowed only at its
    /// beginning: after a part that may itself be a link, the text does not show where <c>..</c> leads.
    /// </summary>
    /// <param name="name">The link's name.</param>
    /// <param name="target">What is written in it, with <c>/</c> between parts.</param>
    public static string? Resolve(string name, string target)
    {
        if (target.Length == 0 || target.Length > WireName.MaxBytes || target[0] == '/' || target.Contains('\0'))
            return null;
        if (!WellFormed.Is(target))
            return null;

        string at = WireName.Parent(name);
        bool descended = false;
        foreach (string part in target.Split('/'))
        {
            if (part.Length == 0 || part == ".")
                continue;
            if (part == "..")
            {
                if (descended || at.Length == 0)
                    return null;
                at = WireName.Parent(at);
            }
            else
            {
                descended = true;
                at = at.Length == 0 ? part : string.Concat(at, "/", part);
            }
        }

        return at;
    }
}
