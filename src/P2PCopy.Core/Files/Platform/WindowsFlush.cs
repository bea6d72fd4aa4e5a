using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>Writes a file to the disk without the wait for the disk's own cache.</summary>
[SupportedOSPlatform("windows")]
internal static partial class WindowsFlush
{
    /// <summary>Writes the content and the size. The next full flush of any file of the volume covers the cache of the disk.</summary>
    /// <returns>False if this system cannot do it.</returns>
    public static unsafe bool TryContent(SafeFileHandle file)
    {
        const uint noSync = 2; // FLUSH_FLAGS_NO_SYNC
        nint* status = stackalloc nint[2];
        try
        {
            return NtFlushBuffersFileEx(file, noSync, null, 0, status) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("ntdll.dll")]
    private static unsafe partial int NtFlushBuffersFileEx(SafeFileHandle file, uint flags, void* parameters, uint size, nint* status);
}
