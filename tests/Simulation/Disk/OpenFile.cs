using Microsoft.Win32.SafeHandles;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Disk;

/// <summary>An open file of a simulated program. The engine holds a handle with a number that only the simulated disk knows.</summary>
internal sealed class OpenFile(Node node, string path, nint number)
{
    public Node Node => node;

    public string Path => path;

    public SimProcess? Process { get; } = SimProcess.Current;

    public SafeFileHandle Handle { get; } = new(number, ownsHandle: false);

    /// <summary>Whether its program lives and has not closed it.</summary>
    public bool IsOpen => !Handle.IsClosed && Process is not { IsDead: true };
}
