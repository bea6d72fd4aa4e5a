using P2PCopy.Primitives.Options;

namespace P2PCopy.Transfer.Options;

/// <summary>The declarations of all options except those of a relay.</summary>
internal static class OptionLists
{
    public static IEnumerable<OptionDefinition> All()
        => [.. TransferOptionList.For<SendOptions>(), .. SendOptionList.All, .. ReceiveOptionList.All, .. RelayTestOptionList.All];
}
