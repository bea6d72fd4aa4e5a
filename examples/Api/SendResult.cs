using P2PCopy;

// SendResult RELAY TASK PATH     sends the result of one task of a workflow, and ends with the exit status of the transfer.
// The code comes from P2PCOPY_CODE. Many tasks can start at the same time; each waits until the receiver is free.
internal static class SendResult
{
    public static async Task<int> Main(string[] arguments)
    {
        var options = new SendOptions
        {
            Relays = [new Uri(arguments[0])],
            Code = PairingCode.Parse(Environment.GetEnvironmentVariable("P2PCOPY_CODE") ?? ""),
            SenderName = arguments[1],
            Paths = [arguments[2]],
            WaitTimeout = TimeSpan.FromHours(1),
            Compression = PayloadCompression.Auto,
        };

        try
        {
            TransferReport report = await P2PTransfer.SendAsync(options);
            report.EnsureSuccess();
            return 0;
        }
        catch (P2PException e)
        {
            Console.Error.WriteLine($"{options.SenderName}: {e.Message} {e.Hint}");
            return e.Code.ExitStatus();
        }
    }
}
