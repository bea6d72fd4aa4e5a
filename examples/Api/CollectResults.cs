using System.Runtime.InteropServices;
using P2PCopy;

// CollectResults RELAY FOLDER     receives one result after another until SIGTERM, each in a folder with the name of its sender.
// The code comes from P2PCOPY_CODE. It needs four words, because attackers can guess for a long time.
internal static class CollectResults
{
    public static async Task<int> Main(string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });

        var options = new ReceiveOptions
        {
            Relays = [new Uri(arguments[0])],
            Code = PairingCode.Parse(Environment.GetEnvironmentVariable("P2PCOPY_CODE") ?? ""),
            Destination = arguments[1],
            FolderPerSender = true,
        };

        try
        {
            await foreach (TransferReport report in P2PTransfer.ReceiveContinuouslyAsync(options, cancellationToken: stop.Token))
                Console.WriteLine($"{report.SenderName}: {(report.Succeeded ? "complete" : report.Error?.Message ?? "some files failed")}");
        }
        catch (OperationCanceledException)
        {
            // SIGTERM is the usual end.
        }

        return 0;
    }
}
