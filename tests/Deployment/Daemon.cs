using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace P2PCopy.Tests.Deployment;

/// <summary>A program of the distribution that runs for one test, in a folder of its own, and is killed at its end.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private const int FirstPort = 20_000;
    private const int Ports = 12_000;

    private static int LastPort = Random.Shared.Next(Ports);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly StringBuilder _output = new();

    private Daemon(Process process, DirectoryInfo folder)
    {
        _process = process;
        _folder = folder;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>The full path of a program, or the test is skipped.</summary>
    public static string Find(string program)
    {
        string? path = ((string[])["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"]).Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);
        Assert.SkipUnless(path is not null, $"{program} is not installed; install the distribution's package to run this test.");
        return path!;
    }

    /// <summary>
    /// A free port of 127.0.0.1, below those that systems give to connections. Such a connection could take the port before the
    /// program listens, and one to the port itself could even connect to itself. No two tests get the same port.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            int port = FirstPort + (int)((uint)Interlocked.Increment(ref LastPort) % Ports);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Another program has it.
            }
        }
    }

    /// <summary>Text of a file of the repository's <c>deploy</c> folder.</summary>
    public static string DeployFile(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, "deploy", name);
            if (File.Exists(file))
                return File.ReadAllText(file);
        }

        throw new FileNotFoundException($"deploy/{name} was not found above {AppContext.BaseDirectory}.");
    }

    /// <summary>Writes files into a fresh folder, starts the program there, and waits until a port answers.</summary>
    /// <param name="program">Its full path.</param>
    /// <param name="port">Where it will listen.</param>
    /// <param name="files">Name and content; <c>@FOLDER@</c> in the content becomes the folder.</param>
    /// <param name="arguments">Arguments; <c>@FOLDER@</c> likewise.</param>
    public static async Task<Daemon> StartAsync(string program, int port, (string Name, string Content)[] files, params string[] arguments)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("p2pcopy-daemon-");
        foreach ((string name, string content) in files)
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, name), content.Replace("@FOLDER@", folder.FullName, StringComparison.Ordinal));
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.FullName };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument.Replace("@FOLDER@", folder.FullName, StringComparison.Ordinal));
        var daemon = new Daemon(Process.Start(start)!, folder);
        while (!await AnswersAsync(port))
        {
            if (daemon._process.HasExited)
                Assert.Fail($"{program} ended at once: {daemon.Output}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return daemon;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await probe.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
            _output.AppendLine(line.Data);
    }
}
