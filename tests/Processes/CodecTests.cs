using System.Text.Json;
using P2PCopy.Compression;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Compression;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Processes;

/// <summary>Three processes, with and without libzstd.</summary>
public sealed class CodecTests : IDisposable
{
    private const string Code = "route9-correct-horse-battery";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Without_libzstd_the_codec_is_still_zstd_and_at_most_8_percent_more_bytes_travel()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The test hides the library from the loader of Linux.");
        Assert.SkipWhen(NativeZstd.TryCreate() is null, "This machine has no libzstd.");
        string file = _folder.File("source/service.log");
        await File.WriteAllBytesAsync(file, ZstdTests.Log(6 << 20), TestContext.Current.CancellationToken);
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;

        long native = await CopyAsync(hiddenFromSender: false, hiddenFromReceiver: false);
        long managed = await CopyAsync(hiddenFromSender: true, hiddenFromReceiver: true);
        await CopyAsync(hiddenFromSender: true, hiddenFromReceiver: false);
        await CopyAsync(hiddenFromSender: false, hiddenFromReceiver: true);
        Assert.InRange(managed, native * 0.92, native * 1.08);

        async Task<long> CopyAsync(bool hiddenFromSender, bool hiddenFromReceiver)
        {
            string destination = _folder[$"arrived-{hiddenFromSender}-{hiddenFromReceiver}"];
            string[] send = ["send", file, "--compression", "on", "--bandwidth-limit", "400KB", "--relay", address.AbsoluteUri, "--json"];
            string[] receive = ["receive", destination, "--relay", address.AbsoluteUri, "--json"];
            await using ToolProcess sender = hiddenFromSender
                ? ToolProcess.StartWithoutLibzstd(Code, _folder["empty"], send) : ToolProcess.Start(Code, send);
            await using ToolProcess receiver = hiddenFromReceiver
                ? ToolProcess.StartWithoutLibzstd(Code, _folder["empty"], receive) : ToolProcess.Start(Code, receive);
            await sender.WaitForEventAsync("offer");
            Assert.Equal(!hiddenFromSender, HasLibzstd(sender));
            int[] status = [await sender.WaitAsync(), await receiver.WaitAsync()];

            Assert.True(status is [0, 0], sender.Said + receiver.Said);
            Assert.Equal(TransferPair.Describe(Path.GetDirectoryName(file)!), TransferPair.Describe(destination));
            Assert.Equal("zstd", Summary(sender).GetProperty("codec").GetString());
            Assert.Equal("zstd", Summary(receiver).GetProperty("codec").GetString());
            return Summary(sender).GetProperty("bytesTransferred").GetInt64();
        }
    }

    public void Dispose() => _folder.Dispose();

    private static bool HasLibzstd(ToolProcess process)
        => File.ReadAllText($"/proc/{process.Id}/maps").Contains("/libzstd.so", StringComparison.Ordinal);

    private static JsonElement Summary(ToolProcess process)
        => process.Events.Last(e => e.GetProperty("event").GetString() == "summary");
}
