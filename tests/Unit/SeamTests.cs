using System.Text.RegularExpressions;
using P2PCopy.Tests.Documentation;

namespace P2PCopy.Tests.Unit;

/// <summary>
/// The engine reads clocks, draws random numbers, starts work and touches files in a few places, which tests/Simulation replaces. What
/// goes past them would make a simulated run different each time, or let it touch the real machine.
/// </summary>
public sealed partial class SeamTests
{
    private static readonly (string What, Regex Use, string[] Seams)[] Rules =
    [
        // A socket that closes is given a moment of the system's clock.
        ("reads a clock", Clock(), ["Primitives/Work.cs", "Files/Platform/", "Transport/WebSocketChannel.cs", "Transport/Tcp/", "Session/Direct/PortMapper.cs"]),
        ("draws a random number", RandomNumber(), ["Primitives/RandomSource.cs"]),
        ("starts work", NewWork(), ["Primitives/Work.cs"]),

        // Settings and limits of the process are read before a transfer; the list of digests is written after it.
        ("touches a file", FileAccess(), ["Files/Platform/", "Settings/", "Primitives/SecretFile.cs", "Primitives/SystemLimit.cs", "Transfer/Reports/Sha256List.cs"]),
        ("uses a socket", Network(), ["Transport/", "Session/Direct/", "Session/Discovery/"]),
    ];

    [Fact]
    public void The_engine_goes_through_its_seams()
    {
        string root = Path.Combine(Repository.Root, "src", "P2PCopy.Core");
        List<string> past = [];
        foreach (string path in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(root, path).Replace('\\', '/');
            string code = Comment().Replace(File.ReadAllText(path), "");
            foreach ((string what, Regex use, string[] seams) in Rules)
            {
                if (!seams.Any(seam => relative.StartsWith(seam, StringComparison.Ordinal)) && use.Match(code) is { Success: true } match)
                    past.Add($"{relative} {what}: {match.Value}");
            }
        }

        Assert.Empty(past);
    }

    [Theory]
    [InlineData("DateTime.UtcNow")]
    [InlineData("Stopwatch.GetTimestamp()")]
    [InlineData("RandomNumberGenerator.Fill(x)")]
    [InlineData("Random.Shared")]
    [InlineData("Task.Run(() => 1)")]
    [InlineData("ThreadPool.QueueUserWorkItem(x)")]
    [InlineData("await Task.Delay(10)")]
    [InlineData("File.ReadAllBytes(x)")]
    [InlineData("new FileInfo(x)")]
    [InlineData("new Socket(x)")]
    public void A_way_past_the_seams_is_recognised(string code) => Assert.Contains(Rules, rule => rule.Use.IsMatch(code));

    [GeneratedRegex(@"//.*")]
    private static partial Regex Comment();

    // Task.Delay with one argument waits on the clock of the system.
    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?(Now|Today)\b|\bStopwatch\b|\bEnvironment\.TickCount|\bTask\.Delay\([^,()]*\)|\bnew (Periodic)?Timer\(|\bThread\.Sleep\b|\bnew CancellationTokenSource\([^,()]+\)")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\bRandomNumberGenerator\b|\bRandom\.Shared\b|\bnew Random\(|\bGuid\.(NewGuid|CreateVersion7)\b(?!.*\.new)")]
    private static partial Regex RandomNumber();

    [GeneratedRegex(@"\bTask\.Run\(|\bTask\.Factory\b|\bThreadPool\b|\bnew Thread\(|\bParallel\.")]
    private static partial Regex NewWork();

    [GeneratedRegex(@"(?<![\w.])(System\.IO\.)?(File|Directory)\.[A-Z]|\bRandomAccess\b|\bFileStream\b|\bnew (File|Directory|Drive)Info\(")]
    private static partial Regex FileAccess();

    [GeneratedRegex(@"\bnew (Socket|TcpClient|TcpListener|UdpClient)\(|\bDns\.")]
    private static partial Regex Network();
}
