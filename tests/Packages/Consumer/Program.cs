using P2PCopy;

File.WriteAllText("hello.txt", "hello");
await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] });
string code = PairingCode.Generate().Reveal();
Task<TransferReport> sending = P2PTransfer.SendAsync(new SendOptions { Paths = ["hello.txt"], Relays = relay.Addresses, Code = PairingCode.Parse(code) });
TransferReport report = await P2PTransfer.ReceiveAsync(new ReceiveOptions { Destination = "in", Relays = relay.Addresses, Code = PairingCode.Parse(code) });
if (!report.Succeeded || !(await sending).Succeeded || File.ReadAllText("in/hello.txt") != "hello")
    throw new InvalidOperationException("It did not arrive.");
foreach (FileReport file in report.Files)
    Console.WriteLine($"{file.Status} {file.Name}");
