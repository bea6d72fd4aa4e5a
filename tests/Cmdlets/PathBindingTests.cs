using FsCheck;
using FsCheck.Fluent;
using P2PCopy.Cmdlets;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>
/// Which files <c>Send-P2PFile</c> takes: only a text that was given as a path may be a wildcard. The path of an object is
/// a name.
/// </summary>
public sealed class PathBindingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public PathBindingTests()
    {
        foreach (string name in (string[])["br[1].txt", "br1.txt", "plain.txt"])
            _folder.File(name, name);
        _session["folder"] = _folder.FullPath;
        _session["file"] = _folder["br[1].txt"];
    }

    /// <summary>Every object that other commands write for one file, piped and as an argument.</summary>
    public static TheoryData<string> ObjectsOfOneFile =>
    [
        "Get-Item -LiteralPath $file",
        "[IO.FileInfo] $file",
        "[IO.FileInfo] $file | Select-Object FullName",
        "Get-Item -LiteralPath $file | Select-Object PSPath",
        "Get-FileHash -LiteralPath $file",
        "Get-FileHash -LiteralPath $file | Select-Object Path, Hash",
        "Select-String -LiteralPath $file -Pattern txt",
        "Resolve-Path -LiteralPath $file",
        "[pscustomobject] @{ Path = $file }",
        "[pscustomobject] @{ LiteralPath = $file }",
        "[pscustomobject] @{ LP = $file }",
        "[pscustomobject] @{ Path = Get-Item -LiteralPath $file }",
        "[pscustomobject] @{ Path = [Collections.Generic.List[string]] @($file) }",
        "1 | Select-Object @{ n = 'Path'; e = { Get-Item -LiteralPath $file | ForEach-Object FullName } }",
        "[pscustomobject] @{ Path = 'br[1].txt' } | ConvertTo-Csv | ConvertFrom-Csv",
        "[pscustomobject] @{ Path = $file; Name = 'x' } | ConvertTo-Json | ConvertFrom-Json",
        "[pscustomobject] @{ FullName = $file; Path = 'nowhere' }",
        ", ([Collections.Generic.List[IO.FileInfo]] @(Get-Item -LiteralPath $file))",
        ", ([IO.FileInfo[]] @(Get-Item -LiteralPath $file))",
        "[Management.Automation.WildcardPattern]::Escape($file)",
    ];

    [Theory]
    [MemberData(nameof(ObjectsOfOneFile))]
    public void An_object_stands_for_the_file_that_it_names(string source)
    {
        SessionResult piped = _session.Run($"Set-Location $folder; $item = @({source}); $item | Send-P2PFile -WhatIf");
        Assert.Empty(piped.Errors);
        Assert.Equal(["br[1].txt"], Names(piped));
        SessionResult given = _session.Run($"Set-Location $folder; $item = @({source}); Send-P2PFile $item -WhatIf");
        Assert.Empty(given.Errors);
        Assert.Equal(["br[1].txt"], Names(given));
    }

    [Theory]
    [InlineData("Send-P2PFile \"$folder/br[1].txt\" -WhatIf", "br1.txt")]
    [InlineData("\"$folder/br[1].txt\" | Send-P2PFile -WhatIf", "br1.txt")]
    [InlineData("Send-P2PFile \"$folder/p*\" -WhatIf", "plain.txt")]
    [InlineData("$p = Join-Path $folder p*; Send-P2PFile $p -WhatIf", "plain.txt")]
    [InlineData("Join-Path $folder p* | Send-P2PFile -WhatIf", "plain.txt")]
    [InlineData("Send-P2PFile -LiteralPath \"$folder/br[1].txt\" -WhatIf", "br[1].txt")]
    [InlineData("Send-P2PFile -LP \"$folder/br[1].txt\" -WhatIf", "br[1].txt")]
    [InlineData("Send-P2PFile -PSPath \"$folder/br[1].txt\" -WhatIf", "br[1].txt")]
    [InlineData("Send-P2PFile -FullName \"$folder/br[1].txt\" -WhatIf", "br[1].txt")]
    public void A_text_is_a_wildcard_unless_it_is_literal(string script, string name)
        => Assert.Equal([name], Names(_session.Run(script)));

    [Theory]
    [InlineData("Get-Date", "System.DateTime")]
    [InlineData("42", "System.Int32")]
    [InlineData("[pscustomobject] @{ Size = 3 }", "System.Management.Automation.PSCustomObject")]
    [InlineData("@{ Path = 'x' }", "System.Collections.Hashtable")]
    [InlineData("[byte[]] (1, 2)", "System.Byte")]
    public void An_object_that_is_no_file_is_named_by_its_type_together_with_the_remedy(string source, string type)
    {
        foreach (string script in (string[])[$"{source} | Send-P2PFile -WhatIf", $"Send-P2PFile ({source}) -WhatIf"])
        {
            SessionResult result = _session.Run(script);
            Assert.Empty(result.Output);
            Assert.All(result.Errors, e => Assert.StartsWith($"An object of the type {type} is not a file. To send its content as one file, use -Name", e.ToString(), StringComparison.Ordinal));
            Assert.All(result.ErrorIds, id => Assert.Equal("PathNotFileSystem", id));
            Assert.NotEmpty(result.Errors);
        }
    }

    /// <summary>A name may be all that the file system takes: as the path of an object it stands for that file, and for no other.</summary>
    [Fact]
    public void Any_name_of_an_object_stands_for_its_own_file_only()
    {
        Gen<string> part = Gen.Elements("a", "b", "[", "]", "*", "?", "`", "'", " ", "$", "ä", "[a]", "-", "{0}", "~", ";", "#", "@");
        Gen<string> name = part.NonEmptyListOf().Select(parts => "n" + string.Concat(parts.Take(12)));
        Prop.ForAll(
            name.ToArbitrary(),
            value =>
            {
                if (OperatingSystem.IsWindows() && value.AsSpan().ContainsAny("*?"))
                    return true;
                using var folder = new TemporaryFolder();
                folder.File(value);
                folder.File("na");
                folder.File("nb");
                _session["path"] = folder[value];
                string[] sources = ["Get-Item -LiteralPath $path", "[pscustomobject] @{ Path = $path }", "[pscustomobject] @{ FullName = $path }"];
                return sources.All(source => Names(_session.Run($"{source} | Send-P2PFile -WhatIf")).SequenceEqual([value]))
                    && Names(_session.Run("Send-P2PFile -LiteralPath $path -WhatIf")).SequenceEqual([value])
                    && Names(_session.Run("Send-P2PFile ([WildcardPattern]::Escape($path)) -WhatIf")).SequenceEqual([value]);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private static IEnumerable<string> Names(SessionResult result) => ((P2POffer)result.Only.BaseObject).Entries.Select(e => e.Name);
}
