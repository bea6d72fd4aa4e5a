namespace P2PCopy.Tests.Snapshots;

/// <summary>The public API and the commands change only on purpose; see <see cref="Snapshot"/>.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void The_public_API_of_Core_is_as_it_was() => Snapshot.Compare("Core.txt", PublicApi.Of(typeof(P2PTransfer).Assembly));

    [Fact]
    public void The_public_API_of_Relay_is_as_it_was() => Snapshot.Compare("Relay.txt", PublicApi.Of(typeof(RelayServer).Assembly));

    [Fact]
    public void The_commands_of_the_module_are_as_they_were()
    {
        using var surface = new CommandSurface();
        Snapshot.Compare("Module.txt", surface.Lines());
    }
}
