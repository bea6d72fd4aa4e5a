using P2PCopy.Tool;

namespace P2PCopy.Tests.Unit.Tool;

public class TerminalStreamTests
{
    [Fact]
    public void What_is_said_to_a_terminal_that_is_gone_is_lost_and_nothing_else()
    {
        using var terminal = new Terminal();
        using var writer = new StreamWriter(new TerminalStream(terminal)) { AutoFlush = true };
        writer.Write("heard");
        terminal.IsGone = true;
        writer.Write("lost");
        writer.Flush();

        Assert.Equal("heard"u8, terminal.ToArray());
    }

    private sealed class Terminal : MemoryStream
    {
        public bool IsGone { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (IsGone)
                throw new IOException("Input/output error");
            base.Write(buffer);
        }
    }
}
