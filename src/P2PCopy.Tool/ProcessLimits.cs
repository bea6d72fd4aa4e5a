using System.Runtime.CompilerServices;
using P2PCopy.Primitives;

namespace P2PCopy.Tool;

/// <summary>Limits of the system with which a transfer cannot run.</summary>
internal static class ProcessLimits
{
    // The runtime keeps two handles for each library that it loads, and ends the process when it has none for the next. Native
    // code has no such libraries: there a file or a connection fails.
    private const int LeastOpenFiles = 128;

    /// <summary>Why a transfer cannot run; null if it can.</summary>
    public static P2PException? Problem()
        => RuntimeFeature.IsDynamicCodeSupported && OpenFileLimit.Read() is { } limit && limit < LeastOpenFiles
            ? new P2PException(P2PErrorCode.Failure, $"The system allows this process {limit} open files, and it needs {LeastOpenFiles}.")
            {
                Hint = $"Raise the limit (`ulimit -n {LeastOpenFiles}`, or LimitNOFILE= of a service).",
            }
            : null;
}
