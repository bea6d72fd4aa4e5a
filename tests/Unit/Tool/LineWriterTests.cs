using P2PCopy.Tool.Output;

namespace P2PCopy.Tests.Unit.Tool;

/// <summary>Text for a standard stream that fails is dropped, and the first loss is reported.</summary>
public class LineWriterTests
{
    [Fact]
    public void A_stream_that_fails_loses_lines_and_throws_nothing()
    {
        using var stream = new FailingStream { Fails = true };
        int reports = 0;
        using var writer = new LineWriter(stream, _ => reports++) { NewLine = "\n" };

        writer.WriteLine("lost");
        writer.Write('x');
        Assert.False(writer.TryWriteLine("lost too"));
        stream.Fails = false;
        writer.WriteLine("grün");

        Assert.True(writer.HasLost);
        Assert.Equal(1, reports);
        Assert.Equal("grün\n", System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void A_line_is_one_write()
    {
        using var stream = new FailingStream();
        using var writer = new LineWriter(stream) { NewLine = "\n" };

        writer.WriteLine(new string('x', 100_000));

        Assert.Equal(1, stream.Writes);
        Assert.False(writer.HasLost);
    }

    private sealed class FailingStream : MemoryStream
    {
        public bool Fails { get; set; }

        public int Writes { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Writes++;
            if (Fails)
                throw new IOException("No space left on device");
            base.Write(buffer.ToArray(), 0, buffer.Length);
        }
    }
}
