using System.Runtime.InteropServices;
using P2PCopy;

// HostRelay ADDRESS:PORT TOKEN-FILE     runs a relay until Ctrl+C or SIGTERM; running pairs may end first
internal static class HostRelay
{
    public static async Task<int> Main(string[] arguments)
    {
        var stop = new TaskCompletionSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions
        {
            Listen = [arguments[0]],
            TokenFile = arguments[1],
            MaxBytesPerSession = 1L << 40,
            DrainTimeout = TimeSpan.FromSeconds(30),
            OnEvent = e => Console.Error.WriteLine(e.ToLogLine(RelayLogFormat.Text)),
        });

        Console.WriteLine(relay.Addresses[0]);
        await stop.Task;
        await relay.StopAsync();
        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }
    }
}
