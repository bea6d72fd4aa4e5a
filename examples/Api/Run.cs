// Starts one of the programs of this folder: dotnet run -- SendFiles wss://relay.example results
internal static class Run
{
    private static readonly Dictionary<string, Func<string[], Task<int>>> Programs = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(SendFiles)] = SendFiles.Main,
        [nameof(ReceiveFiles)] = ReceiveFiles.Main,
        [nameof(SendStream)] = SendStream.Main,
        [nameof(ReceiveStream)] = ReceiveStream.Main,
        [nameof(SendWithProgress)] = SendWithProgress.Main,
        [nameof(ReceiveWithErrors)] = ReceiveWithErrors.Main,
        [nameof(SendWithoutRelay)] = SendWithoutRelay.Main,
        [nameof(HostRelay)] = HostRelay.Main,
        [nameof(CheckRelay)] = CheckRelay.Main,
        [nameof(CollectResults)] = CollectResults.Main,
        [nameof(SendResult)] = SendResult.Main,
    };

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [var name, .. var rest] && Programs.TryGetValue(name, out Func<string[], Task<int>>? program))
            return await program(rest);

        Console.Error.WriteLine($"usage: Api PROGRAM ARGUMENTS...   with one of {string.Join(", ", Programs.Keys)}");
        return 2;
    }
}
