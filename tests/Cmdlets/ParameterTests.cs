using System.Management.Automation;
using FsCheck;
using FsCheck.Fluent;
using P2PCopy.Cmdlets;
using P2PCopy.Primitives.Options;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>What parameters take and refuse, and the sentence that says so.</summary>
public sealed class ParameterTests : IDisposable
{
    private const string Code = "abcd-amber-violin-canoe";

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public ParameterTests()
    {
        _session["folder"] = _folder.FullPath;
        _session["file"] = _folder.File("file.txt");
    }

    [Theory]
    [InlineData("10Mbit", 1_250_000)]
    [InlineData("10Mbit/s", 1_250_000)]
    [InlineData("'50 Mbit'", 6_250_000)]
    [InlineData("10MiB", 10 << 20)]
    [InlineData("10M", 10 << 20)]
    [InlineData("10MB", 10 << 20)]
    [InlineData("'10MB'", 10 << 20)]
    [InlineData("1000", 1000)]
    [InlineData("0", 0)]
    public void An_amount_is_a_number_or_a_text_with_a_unit(string text, long bytes)
    {
        SessionResult bound = _session.Run($"function Get-Amount {{ param([P2PCopy.Cmdlets.AmountAttribute()] [long] $Value) $Value }} Get-Amount {text}");
        Assert.Equal(bytes, (long)bound.Only.BaseObject);
        Assert.Empty(_session.Run($"Send-P2PFile $file -WhatIf -BandwidthLimit {text} | Out-Null").Errors);
    }

    /// <summary>Every amount of every cmdlet takes units.</summary>
    [Fact]
    public void Every_amount_of_the_declarations_takes_units()
    {
        IEnumerable<string> amounts = typeof(StartP2PRelayCommand).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(PSCmdlet)) && !t.IsAbstract)
            .SelectMany(t => t.GetProperties())
            .Where(p => p.GetCustomAttributes(typeof(AmountAttribute), true).Length > 0)
            .Select(p => p.Name).Distinct();
        IEnumerable<OptionDefinition> declared =
        [
            .. Transfer.Options.SendOptionList.All, .. Transfer.Options.ReceiveOptionList.All, .. Relay.Options.RelayOptionList.All,
        ];
        IEnumerable<string> sizes = declared.Where(d => d.Takes.Contains("MiB", StringComparison.Ordinal) || d.Takes.Contains("KiB", StringComparison.Ordinal)).Select(d => d.CmdletName).Distinct();
        Assert.NotEmpty(sizes);
        Assert.Equal(sizes.Order(), amounts.Order());
    }

    /// <summary>What a person types wrong ends the command with a sentence for people: no pattern, no name of a type of ours.</summary>
    [Theory]
    [InlineData("Test-P2PRelay ws://127.0.0.1:1 -PinnedCertificate abc")]
    [InlineData("Test-P2PRelay ws://127.0.0.1:1 -ConnectionTimeoutSeconds 0")]
    [InlineData("Test-P2PRelay ws://127.0.0.1:1 -MeasureSeconds -1")]
    [InlineData("Send-P2PFile $file -BandwidthLimit many")]
    [InlineData("Send-P2PFile $file -BandwidthLimit -1")]
    [InlineData("Send-P2PFile $file -ChunkSize 1")]
    [InlineData("Send-P2PFile $file -ConnectionCount 17")]
    [InlineData("Send-P2PFile $file -Include ''")]
    [InlineData("Send-P2PFile -Name x")]
    [InlineData("Receive-P2PFile -MaxFiles 0")]
    [InlineData("Start-P2PRelay -MaxHeadBytes 1")]
    [InlineData("New-P2PCode -Words 2")]
    public void A_wrong_value_is_refused_with_a_sentence(string script)
    {
        SessionResult result = _session.Run(script);
        Assert.NotNull(result.End);
        Assert.Empty(result.Output);
        Assert.DoesNotMatch(@"[\^\\]|\{\d|\[0-9|P2PCopy\.", result.End.ToString());
    }

    [Fact]
    public void A_pinned_certificate_is_64_digits_with_or_without_colons()
    {
        Gen<string> texts = Gen.Elements("0", "a", "F", ":", "g", " ").ListOf().Select(string.Concat);
        var attribute = new CertificateHashAttribute();
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            string digits = text.Replace(":", "", StringComparison.Ordinal);
            bool fits = digits.Length == 64 && digits.All(char.IsAsciiHexDigit);
            try
            {
                return fits == (attribute.Transform(null!, text) as string == digits);
            }
            catch (ArgumentTransformationMetadataException)
            {
                return !fits;
            }
        }).QuickCheckThrowOnFailure();
        Assert.Equal(new string('A', 64), attribute.Transform(null!, string.Join(':', Enumerable.Repeat("AA", 32))));
    }

    [Theory]
    [InlineData("Receive-P2PFile $folder -Relay ws://127.0.0.1:1 -Code abcd-amber-violin-canoe -DrainTimeoutSeconds 5", "InvalidOption", "-DrainTimeoutSeconds is for -Continuous.")]
    [InlineData("Receive-P2PFile -AsByteStream -Summary -Relay ws://127.0.0.1:1 -Code abcd-amber-violin-canoe", "InvalidOption", "*-AsByteStream*-Summary*")]
    [InlineData("Receive-P2PFile $file/below -Relay ws://127.0.0.1:1 -Code abcd-amber-violin-canoe", "FileWriteError", "Writing to *file.txt/below* failed*")]
    [InlineData("Receive-P2PFile $file -Relay ws://127.0.0.1:1 -Code abcd-amber-violin-canoe", "InvalidOption", "*is not a folder. *")]
    [InlineData("Send-P2PFile $file -Listen 127.0.0.1:0 -Relay ws://127.0.0.1:1", "InvalidOption", "-Listen is for a relay in this process*")]
    public void A_command_that_cannot_be_meant_ends_before_it_asks_or_connects(string script, string id, string sentence)
    {
        SessionResult result = _session.Run(script);
        Assert.Equal(id, result.EndId);
        Assert.True(WildcardPattern.Get(sentence, WildcardOptions.None).IsMatch(result.End!.ToString()), result.End.ToString());
    }

    /// <summary>The message says what is wrong; what to do is the recommended action. A host shows both.</summary>
    [Theory]
    [InlineData("Receive-P2PFile -AsByteStream -Summary -Relay ws://127.0.0.1:1 -Code abcd-amber-violin-canoe", "-AsByteStream writes the content and nothing else, so it cannot be used with -Summary.", "Remove -Summary.")]
    [InlineData("Send-P2PFile $file -Listen 127.0.0.1:0 -Relay ws://127.0.0.1:1", "-Listen is for a relay in this process, and -Relay names another relay.", "Use one of them.")]
    [InlineData("Get-P2PRelay -Name nowhere", "There is no readable relay.json of a relay nowhere in *", "Check that the service runs; *")]
    public void Advice_is_the_recommended_action_and_not_a_part_of_the_message(string script, string message, string advice)
    {
        SessionResult result = _session.Run(script);
        Assert.True(WildcardPattern.Get(message, WildcardOptions.None).IsMatch(result.End!.Exception.Message), result.End.Exception.Message);
        Assert.True(WildcardPattern.Get(advice, WildcardOptions.None).IsMatch(result.End.ErrorDetails.RecommendedAction), result.End.ErrorDetails.RecommendedAction);
        Assert.Equal($"{result.End.Exception.Message} {result.End.ErrorDetails.RecommendedAction}", result.End.ToString());
    }

    [Fact]
    public void A_folder_with_the_name_of_a_code_is_a_folder()
    {
        string name = PairingCode.Generate().Reveal();
        _folder.Folder(name);
        SessionResult result = _session.Run($"Set-Location $folder; Receive-P2PFile {name} -Relay ws://127.0.0.1:1 -ConnectionTimeoutSeconds 1");
        Assert.StartsWith("There is no code", result.End?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_that_cannot_be_written_ends_the_command_before_it_waits()
    {
        using SmallDisk disk = SmallDisk.MountOrSkip("");
        disk.MakeReadOnly();
        _session["disk"] = disk.FullPath;
        foreach (string destination in (string[])["$disk", "$disk/new/folder"])
        {
            SessionResult result = _session.Run($"Receive-P2PFile {destination} -Relay ws://127.0.0.1:1 -Code {Code}");
            Assert.Equal("FileWriteError", result.EndId);
            Assert.Contains("read-only", result.End!.ToString(), StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}

/// <summary>What the environment gives. The process has one, so nothing runs beside these tests.</summary>
[Collection(nameof(AloneCollection))]
public sealed class EnvironmentTests
{
    [Fact]
    public async Task Listen_is_a_relay_in_this_process_whatever_the_environment_names()
    {
        Environment.SetEnvironmentVariable("P2PCOPY_RELAY", "ws://127.0.0.1:1");
        try
        {
            await using CmdletPeer peer = await CmdletPeer.StartAsync();
            peer.Folder.File("a.txt", "abc");
            using PowerShellSession session = peer.Session();
            session["code"] = peer.Code.Reveal();
            using PowerShell shell = session.Create("Send-P2PFile $folder/a.txt -Listen 127.0.0.1:0 -Code $code");
            var output = new PSDataCollection<PSObject>();
            Task send = shell.InvokeAsync(default(PSDataCollection<PSObject>), output);
            Uri? address = null;
            while (address is null)
            {
                Assert.False(send.IsFaulted, send.Exception?.Message);
                await Task.Delay(5, TestContext.Current.CancellationToken);
                address = shell.Streams.Information.Select(i => i.ToString()).Where(t => t.Contains("-Relay ", StringComparison.Ordinal))
                    .Select(t => new Uri(t.Split("-Relay ")[1])).FirstOrDefault();
            }

            TransferReport report = await peer.ReceiveAsync(o => o with { Relays = [address] });
            await send;
            Assert.True(report.Succeeded);
            Assert.Equal("Copied", ((P2PFileResult)Assert.Single(output).BaseObject).Status);
            Assert.Equal(address, ((P2PFileResult)output[0].BaseObject).Transfer.Relay);
        }
        finally
        {
            Environment.SetEnvironmentVariable("P2PCOPY_RELAY", null);
        }
    }
}
