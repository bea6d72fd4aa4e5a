using System.Diagnostics;
using P2PCopy.Tests.Documentation;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Direct;

/// <summary>The second implementation of the protocol, in Python, and peers that play it to do harm, in the lab.</summary>
[Collection(nameof(LabCollection))]
public sealed class DirectInteropTests : IDisposable
{
    private const string Code = "lab234-correct-horse-battery-staple";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_second_implementation_receives_directly()
    {
        await using NetworkLab lab = await StartAsync();
        await using ToolProcess relay = await lab.StartRelayAsync();
        byte[] content = new byte[24 << 20];
        new Random(8).NextBytes(content);
        await File.WriteAllBytesAsync(_folder["content.bin"], content, TestContext.Current.CancellationToken);
        await using ToolProcess sender = lab.Start("a", DirectMode.Auto, Code, ["send", _folder["content.bin"], "--relay", NetworkLab.Relay, "--bandwidth-limit", "8MiB", "--compression", "off", "--json"]);
        (int status, string said) = await PythonAsync(lab, "b", "-m", "p2pcopy_interop", "receive", _folder["copy"], "--relay", NetworkLab.Relay, "--code", Code, "--direct", "10.1.0.3");
        Assert.True(status == 0, said + sender.Said);
        Assert.Equal(0, await sender.WaitAsync());
        Assert.Equal(content, await File.ReadAllBytesAsync(_folder["copy/content.bin"], TestContext.Current.CancellationToken));
        Assert.Contains("direct 10.1.0.3", LabRun.Paths(sender));
        int direct = int.Parse(said.Split('\n').Single(l => l.EndsWith(" chunks direct", StringComparison.Ordinal)).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(direct, 10, 24);
    }

    /// <summary>
    /// A receiver names loopback, the cloud's metadata address, a broadcast address, port 22 of the network, and thousands more; and a
    /// service of another protocol.
    /// </summary>
    [Fact]
    public async Task Addresses_of_a_hostile_peer_are_dialled_as_far_as_the_rules_allow_and_a_service_gets_the_link_hello_only()
    {
        await using NetworkLab lab = await StartAsync();
        await using ToolProcess relay = await lab.StartRelayAsync();
        await File.WriteAllBytesAsync(_folder["content.bin"], new byte[3 << 20], TestContext.Current.CancellationToken);
        await using ToolProcess sender = lab.Start("a", DirectMode.Auto, Code, ["send", _folder["content.bin"], "--relay", NetworkLab.Relay, "--json"]);
        (int status, string said) = await PythonAsync(lab, "b", Path.Combine(Repository.Root, "tests/Interop/hostile_candidates.py"), NetworkLab.Relay, Code, "10.1.0.3");
        Assert.True(status == 0, said + sender.Said);
        IReadOnlyList<string> dialled = LabRun.Dialled(sender);
        Assert.Contains("10.1.0.3:7777", dialled);
        Assert.All(dialled, address => Assert.StartsWith("10.1.0.", address));
        Assert.All(dialled, address => Assert.InRange(System.Net.IPEndPoint.Parse(address).Port, 1024, 65535));
        Assert.InRange(dialled.Count, 1, 8 * 3); // an attempt dials 8, and the program had time for three
        // The length of a hello, and its 16 bytes.
        Assert.Contains("service got 20 bytes: 00000010", said);
    }

    /// <summary>A connection without the session key is closed within 5 s and does not disturb the others.</summary>
    [Fact]
    public async Task A_listener_closes_connections_that_prove_nothing()
    {
        await using NetworkLab lab = await StartAsync();
        await using var run = new LabRun { Length = 40 << 20 };
        await run.StartAsync(lab, direct: DirectMode.Auto, options: ["--direct-port", "41000"]);
        Task<(int Status, string Said)> intruders = PythonAsync(lab, "na", Path.Combine(Repository.Root, "tests/Interop/intruders.py"), "10.1.0.2", "41000");
        await run.EndAsync();
        (int status, string said) = await intruders;
        Assert.True(status == 0, said);
        Assert.Contains("direct 10.1.0.3", LabRun.Paths(run.Sender));
    }

    private static async Task<NetworkLab> StartAsync()
    {
        Assert.SkipWhen(NetworkLab.Obstacle is not null, NetworkLab.Obstacle ?? "");
        (int status, _) = await ExecuteAsync("/usr/bin/python3", "-c", "import cryptography");
        Assert.SkipWhen(status != 0, "It needs /usr/bin/python3 with the package cryptography.");
        return await NetworkLab.CreateLanAsync();
    }

    internal static Task<(int Status, string Said)> PythonAsync(NetworkLab lab, string host, params string[] arguments)
        => ExecuteAsync("ip", ["netns", "exec", lab.Of(host), "/usr/bin/python3", .. arguments]);

    private static async Task<(int Status, string Said)> ExecuteAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.Combine(Repository.Root, "tests/Interop"),
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, said + await error);
    }
}
