using System.Diagnostics;

namespace P2PCopy.Bench.Transfers;

/// <summary>The same bytes through a plain TCP relay: what moving them must cost.</summary>
internal sealed class SocatRelay() : Contender("socat -b 65536 as relay")
{
    public override bool IsAvailable => Has("socat");

    public override Task<Measurement> RunAsync(string source, string destination, string scratch)
    {
        int first = FreePort(), second = FreePort();
        return ShellAsync(
            $"""
            socat -u -b 65536 TCP-LISTEN:{second},bind=127.0.0.1,reuseaddr - >'{destination}/{Path.GetFileName(source)}' &
            socat -b 65536 TCP-LISTEN:{first},bind=127.0.0.1,reuseaddr TCP:127.0.0.1:{second},retry=100,interval=0.02 &
            cat '{source}' | socat -u -b 65536 - TCP:127.0.0.1:{first},retry=100,interval=0.02
            wait
            """,
            scratch);
    }
}

/// <summary>The quickest way to move a tree without any promise.</summary>
internal sealed class TarPipe() : Contender("tar | socat | tar")
{
    public override bool IsAvailable => Has("socat", "tar");

    public override Task<Measurement> RunAsync(string source, string destination, string scratch)
    {
        int port = FreePort();
        return ShellAsync(
            $"""
            socat -u -b 65536 TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr - | tar xf - -C '{destination}' &
            tar cf - -C '{Path.GetDirectoryName(source)}' '{Path.GetFileName(source)}' | socat -u -b 65536 - TCP:127.0.0.1:{port},retry=100,interval=0.02
            wait
            """,
            scratch);
    }
}

/// <summary>A client of an SSH server of our own on loopback, with keys and a configuration of its own.</summary>
/// <param name="name">In the table.</param>
/// <param name="isTuned">
/// Whether the server's allocator keeps freed memory. By default glibc returns the server's growing buffers to the system and gets them
/// back page by page, which costs more time than the copy.
/// </param>
/// <param name="command">Makes the line from the ssh command, the source and the destination.</param>
/// <param name="programs">What it needs.</param>
internal sealed class OverSsh(string name, bool isTuned, Func<string, string, string, string> command, params string[] programs) : Contender(name)
{
    private const string Server = "/usr/sbin/sshd";

    private static readonly string[] Tuned =
        ["env", "GLIBC_TUNABLES=glibc.malloc.mmap_threshold=67108864:glibc.malloc.trim_threshold=268435456:glibc.malloc.top_pad=16777216"];

    public static OverSsh Scp { get; } = new(
        "scp (aes256-gcm)", false, (ssh, from, to) => $"scp -q -r -S '{ssh}' '{from}' 127.0.0.1:'{to}/'", "scp", "sshd");

    public static OverSsh ScpTuned { get; } = new(
        "scp (aes256-gcm), tuned sshd", true, (ssh, from, to) => $"scp -q -r -S '{ssh}' '{from}' 127.0.0.1:'{to}/'", "scp", "sshd");

    public static OverSsh Rsync { get; } = new(
        "rsync -a over ssh", false, (ssh, from, to) => $"rsync -a -e '{ssh}' '{from}' 127.0.0.1:'{to}/'", "rsync", "sshd");

    public static OverSsh RsyncCompressed { get; } = new(
        "rsync -az over ssh", false, (ssh, from, to) => $"rsync -az -e '{ssh}' '{from}' 127.0.0.1:'{to}/'", "rsync", "sshd");

    public override bool IsAvailable => Has(programs);

    public override async Task<Measurement> RunAsync(string source, string destination, string scratch)
    {
        int port = FreePort();
        string ssh = Configure(scratch, port);
        using var server = new TimedProcess("sshd", scratch, [.. isTuned ? Tuned : [], Server, "-D", "-e", "-f", Path.Combine(scratch, "sshd_config")]);
        await WaitForAsync(port);

        long start = Stopwatch.GetTimestamp();
        using var client = new TimedProcess("client", scratch, ["sh", "-c", command(ssh, source, destination)]);
        await client.EndAsync();
        double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await server.StopAsync();
        return new Measurement(wall, [client.Cost(), server.Cost()]);
    }

    private static string Configure(string scratch, int port)
    {
        foreach (string key in (string[])["host", "user"])
            Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(scratch, key)]).WaitForExit();
        Directory.CreateDirectory("/run/sshd"); // the server insists on it
        File.WriteAllText(
            Path.Combine(scratch, "sshd_config"),
            $"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {scratch}/host
            AuthorizedKeysFile {scratch}/user.pub
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            PidFile none
            Ciphers aes256-gcm@openssh.com
            Subsystem sftp internal-sftp

            """);
        string ssh = Path.Combine(scratch, "ssh");
        File.WriteAllText(
            ssh,
            $"""
            #!/bin/sh
            exec ssh -F none -p {port} -i {scratch}/user -c aes256-gcm@openssh.com -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$@"

            """);
        File.SetUnixFileMode(ssh, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return ssh;
    }
}

/// <summary>What the loopback carries: 1 GiB without a file at either end.</summary>
internal sealed class Iperf(int mib) : Contender("iperf3 (no files)")
{
    public override bool IsAvailable => Has("iperf3");

    public override bool Copies => false;

    public override Task<Measurement> RunAsync(string source, string destination, string scratch)
    {
        int port = FreePort();
        return ShellAsync($"iperf3 -s -1 -B 127.0.0.1 -p {port} >/dev/null & until iperf3 -c 127.0.0.1 -p {port} -n {mib}M >/dev/null 2>&1; do sleep 0.02; done; wait", scratch);
    }
}

/// <summary>magic-wormhole with a mailbox server of our own, and either directly or through its transit relay.</summary>
/// <param name="relayed">Neither side listens, so that only the relay is left.</param>
internal sealed class Wormhole(bool relayed) : Contender(relayed ? "wormhole (its relay)" : "wormhole (direct)")
{
    private static readonly string[] Servers = ["wormhole_mailbox_server", "wormhole_transit_relay"];

    public override bool IsAvailable => Has("wormhole", "twist3")
        && Servers.All(server => Directory.Exists(Path.Combine("/usr/lib/python3/dist-packages", server)));

    public override async Task<Measurement> RunAsync(string source, string destination, string scratch)
    {
        int port = FreePort(), transit = FreePort();
        using TimedProcess mailbox = Serve("wormhole-mailbox", port), relay = Serve("transitrelay", transit);
        await WaitForAsync(port);
        await WaitForAsync(transit);
        string common = $"wormhole --relay-url ws://127.0.0.1:{port}/v1 --transit-helper tcp:127.0.0.1:{transit}";
        string way = relayed ? "--no-listen" : "--listen";
        Measurement run = await ShellAsync(
            $"""
            cd '{destination}'
            {common} receive {way} --accept-file 7-bench-mark >/dev/null 2>&1 &
            {common} send {way} --hide-progress --code 7-bench-mark '{source}' >/dev/null 2>&1
            wait
            """,
            scratch);
        await mailbox.StopAsync();
        await relay.StopAsync();
        return run with { Costs = [.. run.Costs, mailbox.Cost(), relay.Cost()] };

        TimedProcess Serve(string service, int at)
            => new(service, scratch, ["sh", "-c", $"cd '{scratch}' && exec twist3 --log-file='{scratch}/{service}' {service} --port=tcp:{at}:interface=127.0.0.1"]);
    }
}

/// <summary>croc through a relay of its own on loopback.</summary>
internal sealed class Croc() : Contender("croc")
{
    public override bool IsAvailable => Has("croc");

    public override async Task<Measurement> RunAsync(string source, string destination, string scratch)
    {
        int port = FreePort();
        string ports = string.Join(',', Enumerable.Range(port, 5));
        using var relay = new TimedProcess("relay", scratch, ["croc", "relay", "--host", "127.0.0.1", "--ports", ports]);
        await Task.Delay(500);
        Measurement run = await ShellAsync(
            $"""
            export CROC_SECRET=7777-bench-mark-code
            cd '{destination}'
            croc --yes --relay 127.0.0.1:{port} >/dev/null 2>&1 &
            croc --relay 127.0.0.1:{port} send --no-local --code $CROC_SECRET '{source}' >/dev/null 2>&1 </dev/null
            wait
            """,
            scratch);
        await relay.StopAsync();
        return run with { Costs = [.. run.Costs, relay.Cost()] };
    }
}

/// <summary>Two processes that do nothing: what starting .NET costs.</summary>
internal sealed class EmptyProcesses() : Contender("two empty ReadyToRun processes")
{
    private static readonly string Program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../P2PCopy.Bench.Empty/release/P2PCopy.Bench.Empty"));

    public override bool IsAvailable => File.Exists(Program);

    public override bool Copies => false;

    public override async Task<Measurement> RunAsync(string source, string destination, string scratch)
    {
        long start = Stopwatch.GetTimestamp();
        using var one = new TimedProcess("one", scratch, [Program]);
        using var other = new TimedProcess("other", scratch, [Program]);
        await Task.WhenAll(one.EndAsync(), other.EndAsync());
        return new Measurement(Stopwatch.GetElapsedTime(start).TotalSeconds, [one.Cost(), other.Cost()]);
    }
}
