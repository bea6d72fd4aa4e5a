using P2PCopy;

// ReceiveWithErrors RELAY CODE FOLDER     shows every error and its hint; tries again after a lost connection
internal static class ReceiveWithErrors
{
    public static async Task<int> Main(string[] arguments)
    {
        var options = new ReceiveOptions
        {
            Relays = [new Uri(arguments[0])],
            Code = PairingCode.Parse(arguments[1]),
            Destination = arguments[2],
        };

        for (int attempt = 1; ; attempt++)
        {
            P2PException? error;
            try
            {
                TransferReport report = await P2PTransfer.ReceiveAsync(options);
                foreach (FileReport file in report.Files.Where(f => f.Error is not null))
                    Console.Error.WriteLine($"{file.Name}: {file.Message} [{file.Error}]");
                if (report.Succeeded)
                    return 0;
                error = report.Error;
                if (error is null)
                    return P2PErrorCode.Unconfirmed.ExitStatus();
            }
            catch (P2PException e)
            {
                error = e;
            }

            Console.Error.WriteLine($"error: {error.Message} [{error.Code}]");
            if (error.Hint is not null)
                Console.Error.WriteLine($"hint:  {error.Hint}");
            if (error.Code is not (P2PErrorCode.ConnectionLost or P2PErrorCode.RelayConnectFailed) || attempt == 3)
                return error.Code.ExitStatus();
        }
    }
}
