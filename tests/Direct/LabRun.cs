using System.Text.Json;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Direct;

/// <summary>A copy through the tool between two hosts of a lab.</summary>
internal sealed class LabRun : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ToolProcess> _processes = [];

    /// <summary>Bytes of the file.</summary>
    public int Length { get; init; } = 24 << 20;

    /// <summary>Slow enough that the content is not over before the attempt is.</summary>
    public string Rate { get; init; } = "8MiB";

    public ToolProcess Sender { get; private set; } = null!;

    public ToolProcess Receiver { get; private set; } = null!;

    public ToolProcess Relay { get; private set; } = null!;

    private string Source => _folder["content.bin"];

    private string Copy => _folder["copy/content.bin"];

    /// <summary>Starts the relay and both sides.</summary>
    public async Task StartAsync(NetworkLab lab, string sender = "a", string receiver = "b", DirectMode direct = DirectMode.Auto, string? relay = null, params string[] options)
    {
        const string Code = "lab234-correct-horse-battery-staple";
        byte[] content = new byte[Length];
        new Random(5).NextBytes(content);
        await File.WriteAllBytesAsync(Source, content, TestContext.Current.CancellationToken);
        Relay = await lab.StartRelayAsync();
        _processes.Add(Relay);
        string[] both = ["--relay", relay ?? NetworkLab.Relay, "--json", .. options];
        Receiver = lab.Start(receiver, direct, Code, ["receive", _folder["copy"], .. both]);
        _processes.Add(Receiver);
        Sender = lab.Start(sender, direct, Code, ["send", Source, "--bandwidth-limit", Rate, "--compression", "off", .. both]);
        _processes.Add(Sender);
    }

    /// <summary>Waits for both ends, and compares the copy.</summary>
    /// <returns>The sender's summary.</returns>
    public async Task<JsonElement> EndAsync()
    {
        int sent = await Sender.WaitAsync(TimeSpan.FromMinutes(3));
        Assert.True(sent == 0, $"{Sender.Said}\n\n{Receiver.Said}");
        int received = await Receiver.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(sent == 0 && received == 0, $"{Sender.Said}\n\n{Receiver.Said}");
        Assert.Equal(await File.ReadAllBytesAsync(Source), await File.ReadAllBytesAsync(Copy));
        return Sender.Events.Single(e => e.GetProperty("event").GetString() == "summary");
    }

    /// <summary>The paths that a side told, in order.</summary>
    public static IReadOnlyList<string> Paths(ToolProcess side)
        => [.. side.Events.Where(e => e.GetProperty("event").GetString() == "path").Select(e => e.GetProperty("path").GetString() + " " + e.GetProperty("address").GetString())];

    /// <summary>The addresses that a side dialled.</summary>
    public static IReadOnlyList<string> Dialled(ToolProcess side)
        => [.. side.Events.Where(e => e.GetProperty("event").GetString() == "dialling").Select(e => e.GetProperty("address").GetString()!)];

    public async ValueTask DisposeAsync()
    {
        foreach (ToolProcess process in _processes)
            await process.DisposeAsync();
        _folder.Dispose();
    }
}
