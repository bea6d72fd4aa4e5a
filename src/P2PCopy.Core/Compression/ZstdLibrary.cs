using System.Runtime.InteropServices;

namespace P2PCopy.Compression;

/// <summary>
/// The functions of libzstd (zstd.h, 1.4 or later). They are called by address, because the library has a different name on each
/// platform and may be missing.
/// </summary>
internal sealed unsafe class ZstdLibrary
{
    private const uint Oldest = 10400;

    // The loader does not search the folders of Homebrew and MacPorts.
    private static readonly string[] Names =
        OperatingSystem.IsWindows() ? ["libzstd.dll", "zstd.dll"]
        : OperatingSystem.IsMacOS()
            ? ["libzstd.1.dylib", "libzstd.dylib", "/opt/homebrew/lib/libzstd.dylib", "/usr/local/lib/libzstd.dylib"]
        : ["libzstd.so.1", "libzstd.so"];

    private readonly delegate* unmanaged[Cdecl]<nint> _createCompressor;
    private readonly delegate* unmanaged[Cdecl]<nint> _createDecompressor;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, int, nuint> _compress;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, nuint> _decompress;
    private readonly delegate* unmanaged[Cdecl]<nuint, uint> _isError;

    private ZstdLibrary(nint library, uint version)
    {
        Version = $"{version / 10000}.{version / 100 % 100}.{version % 100}";
        _createCompressor = (delegate* unmanaged[Cdecl]<nint>)NativeLibrary.GetExport(library, "ZSTD_createCCtx");
        _createDecompressor = (delegate* unmanaged[Cdecl]<nint>)NativeLibrary.GetExport(library, "ZSTD_createDCtx");
        _compress = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, int, nuint>)NativeLibrary.GetExport(library, "ZSTD_compressCCtx");
        _decompress = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, nuint>)NativeLibrary.GetExport(library, "ZSTD_decompressDCtx");
        _isError = (delegate* unmanaged[Cdecl]<nuint, uint>)NativeLibrary.GetExport(library, "ZSTD_isError");
    }

    /// <summary>The version, for example 1.5.4.</summary>
    public string Version { get; }

    /// <summary>Loads the first library that exists and is new enough; null if there is none.</summary>
    public static ZstdLibrary? TryLoad()
    {
        foreach (string name in Names)
        {
            if (!NativeLibrary.TryLoad(name, out nint library))
                continue;
            try
            {
                uint version = ((delegate* unmanaged[Cdecl]<uint>)NativeLibrary.GetExport(library, "ZSTD_versionNumber"))();
                if (version >= Oldest)
                    return new ZstdLibrary(library, version);
            }
            catch (EntryPointNotFoundException)
            {
                // Another library has this name.
            }
        }

        return null;
    }

    public nint CreateCompressor() => _createCompressor();

    public nint CreateDecompressor() => _createDecompressor();

    public nuint Compress(nint context, byte* to, nuint capacity, byte* from, nuint length, int level)
        => _compress(context, to, capacity, from, length, level);

    public nuint Decompress(nint context, byte* to, nuint capacity, byte* from, nuint length)
        => _decompress(context, to, capacity, from, length);

    public uint IsError(nuint result) => _isError(result);
}
