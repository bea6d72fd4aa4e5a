using P2PCopy;

// SendFiles RELAY PATH...     sends files and folders, and prints the code for the other side
internal static class SendFiles
{
    public static async Task<int> Main(string[] arguments)
    {
        var options = new SendOptions
        {
            Relays = [new Uri(arguments[0])],
            Paths = arguments[1..],
            OnEvent = e =>
            {
                if (e is TransferEvent.CodeGenerated generated)
                    Console.WriteLine(generated.Code.Reveal());
            },
        };

        TransferReport report = await P2PTransfer.SendAsync(options);
        report.EnsureSuccess();
        Console.WriteLine($"{report.Files.Count} entries confirmed, {report.BytesCopied} bytes copied");
        return 0;
    }
}
