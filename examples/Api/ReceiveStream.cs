using P2PCopy;

// ReceiveStream RELAY CODE > data     writes the single offered file or stream to standard output
internal static class ReceiveStream
{
    public static async Task<int> Main(string[] arguments)
    {
        await using Stream output = Console.OpenStandardOutput();
        TransferReport report = await P2PTransfer.ReceiveAsync(new ReceiveOptions
        {
            Relays = [new Uri(arguments[0])],
            Code = PairingCode.Parse(arguments[1]),
            OutputStream = output,
        });

        report.EnsureSuccess();
        return 0;
    }
}
