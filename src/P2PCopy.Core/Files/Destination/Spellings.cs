using System.Text;
using P2PCopy.Files.Names;

namespace P2PCopy.Files.Destination;

/// <summary>The first spelling of every name, to detect a second spelling in the same folder.</summary>
/// <param name="folds">Whether a folder, by name, treats two spellings as one. Called only when there are two.</param>
internal sealed class Spellings(Func<string, bool> folds)
{
    // A name may have it, and .NET does not normalise text with it.
    private const char NoCharacter = '\ufffe';

    private readonly Dictionary<string, string> _first = new(new SameFolderAnyCase());

    // By name of the folder.
    private readonly Dictionary<string, bool> _folds = new(StringComparer.Ordinal);

    /// <summary>Records a name.</summary>
    /// <returns>The other spelling that has the same file here, or null.</returns>
    public string? Claim(string name)
    {
        string key = Ascii.IsValid(name) || name.Contains(NoCharacter) ? name : name.Normalize(NormalizationForm.FormC);
        if (_first.TryAdd(key, name))
            return null;
        string first = _first[key];
        if (first == name)
            return null;
        string folder = WireName.Parent(name);
        if (!_folds.TryGetValue(folder, out bool answer))
            _folds[folder] = answer = folds(folder);
        return answer ? first : null;
    }

    private sealed class SameFolderAnyCase : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y)
            => x is not null && y is not null
                && WireName.Last(x).Equals(WireName.Last(y), StringComparison.OrdinalIgnoreCase)
                && Folder(x).SequenceEqual(Folder(y));

        public int GetHashCode(string name)
            => HashCode.Combine(string.GetHashCode(WireName.Last(name), StringComparison.OrdinalIgnoreCase), string.GetHashCode(Folder(name)));

        private static ReadOnlySpan<char> Folder(string name) => name.AsSpan(0, Math.Max(0, name.LastIndexOf('/')));
    }
}
