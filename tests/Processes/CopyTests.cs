using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Processes;

/// <summary>Three processes: relay, sender, receiver.</summary>
public sealed class CopyTests : IDisposable
{
    private const string Code = "route7-correct-horse-battery";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(false, "on", true)]
    [InlineData(false, "off", false)]
    [InlineData(true, "on", false)]
    [InlineData(true, "off", true)]
    public async Task A_large_file_an_empty_one_and_a_folder_of_500_arrive_identical(bool tls, string encryption, bool senderFirst)
    {
        MakeSource();
        using TestCertificates? certificates = tls ? new TestCertificates() : null;
        string[] relayTls = tls ? ["--certificate", certificates!.CertificateFile, "--key", certificates.KeyFile] : [];
        string[] trust = tls ? ["--ca-file", certificates!.CertificateFile] : [];
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync(0, relayTls);
        await using ToolProcess relayEnd = relay;
        Assert.Equal(tls ? "wss" : "ws", address.Scheme);
        string[] shared = ["--relay", address.AbsoluteUri, "--encryption", encryption, "--json", .. trust];
        string[] send = ["send", _folder["source/large.bin"], _folder["source/empty"], _folder["source/many"], .. shared];
        string[] receive = ["receive", _folder["arrived"], .. shared];

        await using ToolProcess first = ToolProcess.Start(Code, senderFirst ? send : receive);
        await first.WaitForEventAsync("waiting");
        await using ToolProcess second = ToolProcess.Start(Code, senderFirst ? receive : send);
        int[] status = [await first.WaitAsync(), await second.WaitAsync()];

        Assert.True(status is [0, 0], first.Said + second.Said);
        Assert.Equal(TransferPair.Describe(_folder["source"]), TransferPair.Describe(_folder["arrived"]));
        Assert.Equal(502, first.Events.Last(e => e.GetProperty("event").GetString() == "summary").GetProperty("copied").GetInt32());
        Assert.DoesNotContain("correct-horse", relay.Said + first.Said + second.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_secret_ends_both_sides_with_4_and_writes_nothing()
    {
        string file = _folder.File("source/a.txt");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;
        await using ToolProcess sender = ToolProcess.Start(Code, "send", file, "--relay", address.AbsoluteUri);
        await using ToolProcess receiver = ToolProcess.Start("route7-wrong-horse-battery", "receive", _folder["arrived"], "--relay", address.AbsoluteUri);

        int[] status = [await sender.WaitAsync(), await receiver.WaitAsync()];

        Assert.True(status is [4, 4], sender.Said + receiver.Said);
        Assert.Contains("[PairingFailed]", sender.Said, StringComparison.Ordinal);
        Assert.Contains("[PairingFailed]", receiver.Said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["arrived"]));
    }

    [Fact]
    public async Task A_sender_that_made_its_code_warns_of_a_wrong_one_and_serves_the_right_one()
    {
        string file = _folder.File("source/a.txt");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;
        await using ToolProcess sender = ToolProcess.Start(null, "send", file, "--relay", address.AbsoluteUri, "--json");
        await sender.WaitForEventAsync("code");
        string code = sender.Events.First(e => e.GetProperty("event").GetString() == "code").GetProperty("code").GetString()!;
        await using ToolProcess guesser = ToolProcess.Start(code[..7] + "acorn-bamboo-cactus", "receive", _folder["guessed"], "--relay", address.AbsoluteUri);
        Assert.Equal(4, await guesser.WaitAsync());
        await sender.WaitForEventAsync("wrong-code");

        await using ToolProcess receiver = ToolProcess.Start(code, "receive", _folder["arrived"], "--relay", address.AbsoluteUri);
        int[] status = [await sender.WaitAsync(), await receiver.WaitAsync()];

        Assert.True(status is [0, 0], sender.Said + receiver.Said);
        Assert.Equal("content", File.ReadAllText(_folder["arrived/a.txt"]));
        Assert.False(Directory.Exists(_folder["guessed"]));
    }

    [Fact]
    public async Task Encryption_off_on_one_side_is_said_clearly_on_both()
    {
        string file = _folder.File("source/a.txt");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;
        await using ToolProcess sender = ToolProcess.Start(Code, "send", file, "--relay", address.AbsoluteUri);
        await using ToolProcess receiver = ToolProcess.Start(Code, "receive", _folder["arrived"], "--relay", address.AbsoluteUri, "--encryption", "off");

        int[] status = [await sender.WaitAsync(), await receiver.WaitAsync()];

        Assert.True(status is [10, 10], sender.Said + receiver.Said);
        Assert.All([sender, receiver], p => Assert.Contains("receiver uses --encryption off", string.Concat(p.Error), StringComparison.Ordinal));
        Assert.False(Directory.Exists(_folder["arrived"]));
    }

    public void Dispose() => _folder.Dispose();

    private void MakeSource()
    {
        int megabytes = Environment.GetEnvironmentVariable("P2PCOPY_LARGE") is { Length: > 0 } ? 300 : 30;
        byte[] large = new byte[(megabytes << 20) + 4321];
        new Random(megabytes).NextBytes(large.AsSpan(large.Length / 3));
        Directory.CreateDirectory(_folder["source/many"]);
        File.WriteAllBytes(_folder["source/large.bin"], large);
        File.WriteAllBytes(_folder["source/empty"], []);
        for (int i = 0; i < 500; i++)
            _folder.File($"source/many/{i % 13}/{i}.txt", new string((char)('a' + (i % 26)), i * 3));
    }
}
