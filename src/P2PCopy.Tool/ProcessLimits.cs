using System.Runtime.CompilerServices;
using P2PCopy.Primitives;

namespace P2PCopy.Tool;

/// <summary>Limits of the system with which a transfer cannot run.</summary>
internal static class ProcessLimits
{
    // The runtime keeps two handles for each library that it loads, and ends the process when it has none for the next. Native
    // code has no such libraries: there a file or a connection fails.
    private const int LeastOpenFiles = 128;

    // The runtime reserves half of what it may have for objects. With less it ends the process at an unpredictable moment.
    private const long LeastAddressSpace = 1L << 30;

    /// <summary>Why a transfer cannot run; null if it can.</summary>
    public static P2PException? Problem()
    {
        if (RuntimeFeature.IsDynamicCodeSupported && SystemLimit.OpenFiles() is { } files && files < LeastOpenFiles)
        {
            return new P2PException(P2PErrorCode.Failure, $"The system allows this process {files} open files, and it needs {LeastOpenFiles}.")
            {
                Hint = $"Raise the limit (`ulimit -n {LeastOpenFiles}`, or LimitNOFILE= of a service).",
            };
        }

        if (SystemLimit.AddressSpace() is { } space && space < LeastAddressSpace)
        {
            return new P2PException(P2PErrorCode.Failure, $"This process would run out of memory: the system allows it {space:N0} bytes of address space, and it needs {LeastAddressSpace:N0}.")
            {
                Hint = $"Raise the limit (`ulimit -v {LeastAddressSpace >> 10}`, or LimitAS= of a service), or limit the memory with MemoryMax= instead.",
            };
        }

        return null;
    }
}
