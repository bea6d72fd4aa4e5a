using P2PCopy.Primitives;
using P2PCopy.Primitives.Options;

namespace P2PCopy.Transfer.Options;

/// <summary>The options of a test of a relay.</summary>
internal static class RelayTestOptionList
{
    public static IReadOnlyList<OptionDefinitionOf<RelayTestOptions>> All { get; } =
    [
        new FaceOption<RelayTestOptions>(nameof(RelayTestOptions.Relay), "Relays to test", OptionForm.List)
        { Faces = OptionFaces.All, ValueName = "uri", Variable = "P2PCOPY_RELAY" },
        .. ConnectionOptionList.For<RelayTestOptions>(),
        new DurationOption<RelayTestOptions>(
            nameof(RelayTestOptions.MeasureTime), "Time to measure the throughput; 0 measures none", (0, OptionLimits.MaxMeasureTime),
            o => o.MeasureTime, (o, v) => o with { MeasureTime = v })
        { ToolName = "--measure", CmdletName = "MeasureSeconds" },
        TransferOptionList.Direct<RelayTestOptions>("Whether to ask the relay and the router about direct connections", o => o.Direct, (o, v) => o with { Direct = v }),
        new FaceOption<RelayTestOptions>("Quiet", "Return only whether every relay passed", OptionForm.Flag),
    ];
}
