using System.Runtime.InteropServices;
using P2PCopy;

// SendWithProgress RELAY CODE PATH...     shows progress and events; Ctrl+C and SIGTERM cancel the transfer
internal static class SendWithProgress
{
    public static async Task<int> Main(string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);

        var progress = new Progress<TransferProgress>(p => Console.Error.WriteLine($"{p.Phase}: {p.BytesDone} of {p.BytesTotal} bytes"));
        var options = new SendOptions
        {
            Relays = [new Uri(arguments[0])],
            Code = PairingCode.Parse(arguments[1]),
            Paths = arguments[2..],
            OnEvent = e => Console.Error.WriteLine(e switch
            {
                TransferEvent.Waiting => "waiting for the other side",
                TransferEvent.Reconnecting lost => $"reconnecting: {lost.Reason}",
                TransferEvent.FileCompleted done => $"{done.File.Status}: {done.File.Name}",
                _ => e.GetType().Name,
            }),
        };

        try
        {
            TransferReport report = await P2PTransfer.SendAsync(options, progress, stop.Token);
            report.EnsureSuccess();
            return 0;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("cancelled; run the program again to resume");
            return P2PErrorCode.Cancelled.ExitStatus();
        }

        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
