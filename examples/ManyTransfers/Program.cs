using P2PCopy;

// Runs several transfers in parallel in one process. Both sides get the same names; each name is a separate transfer:
//
//   ManyTransfers send    RELAY FOLDER NAME...     sends FOLDER/NAME, one transfer each
//   ManyTransfers receive RELAY FOLDER NAME...     receives them into FOLDER
//
// The code comes from P2PCOPY_CODE. Two transfers cannot share a room, so each gets its own route, derived from the code.
if (args is not [("send" or "receive") and var mode, var relay, var folder, .. var names] || names.Length == 0
    || Environment.GetEnvironmentVariable("P2PCOPY_CODE")?.Split('-', 2) is not [var route, var secret])
{
    Console.Error.WriteLine("usage: ManyTransfers send|receive RELAY FOLDER NAME...   (and ROUTE-SECRET in P2PCOPY_CODE)");
    return P2PErrorCode.InvalidOption.ExitStatus();
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

int[] statuses = await Task.WhenAll(names.Select((name, number) => RunAsync(name, $"{route}{number}-{secret}")));
return statuses.Max();

async Task<int> RunAsync(string name, string code)
{
    try
    {
        TransferReport report = mode == "send"
            ? await P2PTransfer.SendAsync(new SendOptions { Relays = [new Uri(relay)], Code = PairingCode.Parse(code), Paths = [Path.Combine(folder, name)] }, cancellationToken: stop.Token)
            : await P2PTransfer.ReceiveAsync(new ReceiveOptions { Relays = [new Uri(relay)], Code = PairingCode.Parse(code), Destination = folder }, cancellationToken: stop.Token);

        // The report has the error of each failed file, and the error that ended the whole transfer.
        foreach (FileReport file in report.Files.Where(f => f.Error is not null))
            Console.Error.WriteLine($"{file.Name}: {file.Message}");
        Console.WriteLine($"{name}: {report.Files.Count(f => f.Error is null)} of {report.Files.Count} well, {report.BytesCopied} bytes in {report.Duration.TotalSeconds:0.0} s");
        return report.Error?.Code.ExitStatus() ?? (report.Succeeded ? 0 : P2PErrorCode.Unconfirmed.ExitStatus());
    }
    catch (P2PException e)
    {
        Console.Error.WriteLine($"{name}: {e.Message}");
        return e.Code.ExitStatus();
    }
    catch (OperationCanceledException)
    {
        return P2PErrorCode.Cancelled.ExitStatus();
    }
}
