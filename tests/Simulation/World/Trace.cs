namespace P2PCopy.Simulation.World;

/// <summary>What happened, as lines for a person and as a hash that shows whether two runs were the same.</summary>
internal sealed class Trace(VirtualClock clock)
{
    private const int MostLines = 4000;

    private readonly Queue<string> _lines = new();

    public bool IsVerbose { get; set; }

    /// <summary>The hash of everything so far (FNV-1a).</summary>
    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    public IEnumerable<string> Lines => _lines;

    public void Add(string what, string detail = "")
    {
        Mix((ulong)clock.Now.Ticks);
        foreach (char c in what)
            Mix(c);
        foreach (char c in detail)
            Mix(c);
        if (!IsVerbose)
            return;
        _lines.Enqueue($"{clock.Now.TotalSeconds,12:0.000000}  {SimProcess.Current?.Name,-10} {what} {detail}");
        if (_lines.Count > MostLines)
            _lines.Dequeue();
    }

    private void Mix(ulong value) => Hash = (Hash ^ value) * 0x100000001B3;
}
