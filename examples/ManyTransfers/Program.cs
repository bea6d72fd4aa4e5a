using P2PCopy;

// Several transfers at once in one process. Both sides get the same names, and each name becomes a transfer of its own:
//
//   ManyTransfers send    RELAY FOLDER NAME...     sends FOLDER/NAME, one transfer each
//   ManyTransfers receive RELAY FOLDER NAME...     receives them into FOLDER
//
// The code comes from P2PCOPY_CODE. Two transfers cannot meet in one room, so each gets a route of its own made of it.
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
            ? await P2PTransfer.SendAsync(new SendOptions { Relay = [new Uri(relay)], Code = code, Path = [Path.Combine(folder, name)] }, cancellationToken: stop.Token)
            : await P2PTransfer.ReceiveAsync(new ReceiveOptions { Relay = [new Uri(relay)], Code = code, Destination = folder }, cancellationToken: stop.Token);

        // A file that failed alone is in the report; what ended the whole transfer is its error.
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
