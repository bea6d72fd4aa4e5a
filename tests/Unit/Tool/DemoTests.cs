using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Unit.Tool;

public sealed class DemoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_copy_that_nobody_asked_for_leaves_nothing_behind()
    {
        ToolRun tool = Copying();
        Assert.Equal(0, await tool.RunAsync("demo", _folder.File("a")));
        Assert.False(Directory.Exists(Path.GetDirectoryName(tool.Engine.Received!.Destination)));
        Assert.Contains("to        a temporary folder, removed now; --out FOLDER keeps the copy", tool.Lines);
    }

    [Fact]
    public async Task A_copy_in_a_folder_that_was_named_stays()
    {
        ToolRun tool = Copying();
        Assert.Equal(0, await tool.RunAsync("demo", _folder.File("a"), "--out", _folder["out"]));
        Assert.True(File.Exists(_folder["out/copied"]));
        Assert.Contains("to        " + _folder["out"], tool.Lines);
    }

    public void Dispose() => _folder.Dispose();

    private static ToolRun Copying()
    {
        var tool = new ToolRun();
        tool.Engine.Run = (options, _, _) =>
        {
            if (options is ReceiveOptions receive)
                File.Create(Path.Combine(Directory.CreateDirectory(receive.Destination).FullName, "copied")).Dispose();
            else
                options.OnEvent!(new TransferEvent.Listening([new Uri("ws://127.0.0.1:1")]));
            return Task.FromResult(FakeEngine.Report());
        };
        return tool;
    }
}
