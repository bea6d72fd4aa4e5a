using P2PCopy;

// SendWithoutRelay PATH...     runs a relay in this process, for a receiver that can reach this machine
internal static class SendWithoutRelay
{
    public static async Task<int> Main(string[] arguments)
    {
        var options = new SendOptions
        {
            Paths = arguments,
            EmbeddedRelay = new EmbeddedRelay(),
            OnEvent = e =>
            {
                if (e is TransferEvent.Listening listening)
                    Console.WriteLine(listening.Addresses[0]);
                if (e is TransferEvent.CodeGenerated generated)
                    Console.WriteLine(generated.Code.Reveal());
            },
        };

        TransferReport report = await P2PTransfer.SendAsync(options);
        report.EnsureSuccess();
        return 0;
    }
}
