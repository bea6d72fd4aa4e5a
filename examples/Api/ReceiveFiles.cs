using P2PCopy;

// ReceiveFiles RELAY CODE FOLDER     receives files and prints their digests
internal static class ReceiveFiles
{
    public static async Task<int> Main(string[] arguments)
    {
        var options = new ReceiveOptions
        {
            Relays = [new Uri(arguments[0])],
            Code = PairingCode.Parse(arguments[1]),
            Destination = arguments[2],
            MaxSize = 10L << 30,
            ConfirmOffer = (offer, _) => ValueTask.FromResult(offer.FileCount <= 1000),
        };

        TransferReport report = await P2PTransfer.ReceiveAsync(options);
        report.EnsureSuccess();
        foreach (FileReport file in report.Files.Where(f => f.Kind == FileReportKind.File))
            Console.WriteLine($"{file.Hash}  {file.Name}  {file.Status}");
        return 0;
    }
}
