using P2PCopy;

// SendStream RELAY CODE NAME < data     sends standard input as one file with this name
internal static class SendStream
{
    public static async Task<int> Main(string[] arguments)
    {
        await using Stream input = Console.OpenStandardInput();
        TransferReport report = await P2PTransfer.SendAsync(new SendOptions
        {
            Relays = [new Uri(arguments[0])],
            Code = PairingCode.Parse(arguments[1]),
            Name = arguments[2],
            InputStream = input,
        });

        report.EnsureSuccess();
        return 0;
    }
}
