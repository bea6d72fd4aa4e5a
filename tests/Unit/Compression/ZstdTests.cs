using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using P2PCopy.Compression;

namespace P2PCopy.Tests.Unit.Compression;

/// <summary>The two implementations of zstd.</summary>
public sealed class ZstdTests
{
    private static readonly ManagedZstd Managed = ManagedZstd.TryCreate()!;

    [Fact]
    public void Each_implementation_reads_the_output_of_the_other()
    {
        NativeZstd native = Native();
        var random = new Random(7);
        foreach ((IChunkCodec writer, IChunkCodec reader) in new (IChunkCodec, IChunkCodec)[] { (native, Managed), (Managed, native) })
        {
            for (int i = 0; i < 60; i++)
            {
                int length = i < 4 ? i + 1 : random.Next(1, 1 << 20);
                byte[] source = random.Next(4) == 0 ? Corpus.Random(length, i) : Corpus.Text(length, i);
                byte[] packed = new byte[length + (length / 4) + 1024];
                int size = writer.TryCompress(source, packed, writer.Levels[i % writer.Levels.Count].Level);
                byte[] raw = new byte[length];
                reader.Decompress(packed.AsSpan(0, size), raw);
                Assert.Equal(source, raw);
            }
        }
    }

    [Fact]
    public void The_managed_implementation_compresses_a_log_to_within_8_percent_of_libzstd_at_every_level()
    {
        NativeZstd native = Native();
        byte[] log = Log(1 << 20);
        byte[] packed = new byte[log.Length];
        Assert.All(ZstdLevels.All, level =>
        {
            int expected = native.TryCompress(log, packed, level.Level);
            Assert.InRange(Managed.TryCompress(log, packed, level.Level), expected * 0.92, expected * 1.08);
        });
    }

    [Fact]
    public void There_is_one_zstd_and_libzstd_is_preferred()
    {
        IChunkCodec zstd = Assert.Single(ChunkCodecs.Available, codec => codec.Id == CodecId.Zstd);
        Assert.Same(zstd, ChunkCodecs.Available[0]);
        bool isNative = NativeZstd.TryCreate() is not null;
        Assert.Equal(isNative ? typeof(NativeZstd) : typeof(ManagedZstd), zstd.GetType());
        Assert.StartsWith(isNative ? "zstd (libzstd 1." : "zstd (ZstdSharp)", ChunkCodecs.Describe(CompressionCodec.Zstd), StringComparison.Ordinal);
        Assert.Equal("gzip", ChunkCodecs.Describe(CompressionCodec.Gzip));
    }

    [Fact]
    public void Without_the_assembly_of_ZstdSharp_there_is_no_managed_zstd_and_no_exception()
    {
        var context = new CoreWithoutZstdSharp();
        Type type = context.LoadFromAssemblyPath(typeof(ManagedZstd).Assembly.Location).GetType(typeof(ManagedZstd).FullName!)!;
        Assert.NotSame(typeof(ManagedZstd), type);
        Assert.Null(type.GetMethod(nameof(ManagedZstd.TryCreate))!.Invoke(null, null));
    }

    internal static byte[] Log(int length)
    {
        var random = new Random(11);
        var text = new StringBuilder(length + 200);
        string[] paths = ["/index.html", "/api/orders", "/api/orders/items", "/login", "/static/site.css", "/health"];
        for (long second = 0; text.Length < length; second += random.Next(3))
        {
            text.Append(CultureInfo.InvariantCulture, $"{DateTime.UnixEpoch.AddSeconds(1_700_000_000 + second):O} 10.{random.Next(4)}.{random.Next(256)}.{random.Next(256)} GET {paths[random.Next(paths.Length)]}?id={random.Next(100_000)} {(random.Next(20) == 0 ? 404 : 200)} {random.Next(20_000)}\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    private static NativeZstd Native()
    {
        NativeZstd? native = NativeZstd.TryCreate();
        Assert.SkipWhen(native is null, "This machine has no libzstd.");
        return native!;
    }

    private sealed class CoreWithoutZstdSharp() : AssemblyLoadContext(nameof(CoreWithoutZstdSharp))
    {
        protected override Assembly? Load(AssemblyName assemblyName)
            => assemblyName.Name == "ZstdSharp" ? throw new FileNotFoundException("It is not there.", "ZstdSharp.dll") : null;
    }
}
