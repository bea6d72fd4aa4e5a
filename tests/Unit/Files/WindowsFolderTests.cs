using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>What only Windows does with names and attributes (tests/Windows/run.sh runs these under Wine).</summary>
public sealed class WindowsFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public WindowsFolderTests() => Assert.SkipUnless(OperatingSystem.IsWindows(), "These are rules of Windows.");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_read_only_file_is_replaced_and_removed()
    {
        using FolderHandle folder = Open();
        string target = _folder.File("target", "old");
        _folder.File("partial", "new");
        File.SetAttributes(target, FileAttributes.ReadOnly | FileAttributes.Hidden);

        Assert.Equal(0, folder.Replace("partial", "target"));
        Assert.Equal("new", File.ReadAllText(target));

        File.SetAttributes(target, FileAttributes.ReadOnly);
        Assert.Equal(0, folder.Remove("target"));
        Assert.False(File.Exists(target));
    }

    [Fact]
    public void A_read_only_file_that_another_program_has_open_stays_read_only()
    {
        using FolderHandle folder = Open();
        string target = _folder.File("target", "old");
        _folder.File("partial", "new");
        using (File.Open(target, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            File.SetAttributes(target, FileAttributes.ReadOnly | FileAttributes.Hidden);
            Assert.NotEqual(0, folder.Replace("partial", "target"));
            Assert.Equal(FileAttributes.ReadOnly | FileAttributes.Hidden, File.GetAttributes(target) & (FileAttributes.ReadOnly | FileAttributes.Hidden));
        }

        Assert.Equal(0, folder.Replace("partial", "target"));
    }

    [Theory]
    [InlineData("name.", "name")]
    [InlineData("name ", "name")]
    [InlineData("name...", "name")]
    public void A_name_with_a_dot_or_a_space_at_its_end_is_not_the_name_without(string name, string other)
    {
        _folder.File(other, "the other file");
        File.WriteAllText($@"\\?\{_folder.FullPath}\{name}", "its own");
        using FolderHandle folder = Open();

        Assert.Contains(name, folder.List(_folder.FullPath));
        using SafeFileHandle? file = folder.OpenRead(name, out int error);
        Assert.Equal(0, error);
        byte[] bytes = new byte[7];
        Assert.Equal(bytes.Length, RandomAccess.Read(file!, bytes, 0));
        Assert.Equal("its own"u8.ToArray(), bytes);
        file!.Dispose();
        Assert.Equal(0, folder.Remove(name));
        Assert.True(File.Exists(_folder[other]));
    }

    [Fact]
    public void A_path_of_more_than_260_characters_is_a_path()
    {
        string deep = string.Join('/', Enumerable.Repeat(new string('d', 100), 5));
        _folder.File(deep + "/file", "deep");
        using FolderHandle folder = Open();
        using FolderHandle? below = folder.OpenFolder(deep, out int error);
        Assert.Equal(0, error);
        using SafeFileHandle? file = below!.OpenRead("file", out error);
        Assert.Equal(0, error);
        Assert.Equal(4, RandomAccess.GetLength(file!));
    }

    [Fact]
    public void A_folder_is_not_opened_as_a_file()
    {
        _folder.Folder("f");
        using FolderHandle folder = Open();
        Assert.Null(folder.OpenRead("f", out int error));
        Assert.Equal(FileErrors.NotAFile, error);
    }

    /// <summary>REPORT~1.TXT may be another name of a long one. Where the file system makes no such names, this file has this name.</summary>
    [Fact]
    public void A_name_that_only_looks_like_a_short_name_is_an_ordinary_one()
    {
        _folder.File("REPORT~1.TXT", "old");
        _folder.File("partial", "new");
        using FolderHandle folder = Open();
        Assert.Equal(0, folder.Replace("partial", "REPORT~1.TXT"));
    }

    [Fact]
    public void A_short_name_of_another_file_replaces_nothing()
    {
        string longName = _folder.File("a long name of a file.text", "long");
        _folder.File("partial", "new");
        string? shortName = new[] { "ALONGN~1.TEX", "ALONGN~1.TXT" }.FirstOrDefault(name => File.Exists(_folder[name]));
        Assert.SkipWhen(shortName is null, "This file system makes no short names that can be told before.");
        using FolderHandle folder = Open();
        Assert.Equal(FileErrors.ShortName, folder.Replace("partial", shortName!));
        Assert.Equal("long", File.ReadAllText(longName));
    }

    private FolderHandle Open()
    {
        FolderHandle? folder = FileSystem.Current.OpenFolder(_folder.FullPath, out int error);
        Assert.Equal(0, error);
        return folder!;
    }
}
