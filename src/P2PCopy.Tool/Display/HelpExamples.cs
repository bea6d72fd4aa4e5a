using System.CommandLine;

namespace P2PCopy.Tool.Display;

/// <summary>The examples at the start of each help. Tests parse them.</summary>
internal static class HelpExamples
{
    public static IReadOnlyList<string> Of(Command command) => command.Name switch
    {
        _ when command is RootCommand =>
        [
            "p2pcopy send results    on one machine: shows the command for the other",
            "p2pcopy demo docs       both on this machine, to try it",
        ],
        "send" =>
        [
            "p2pcopy send results notes.txt",
            "p2pcopy send results --relay wss://relay.example --exclude '*.tmp'",
            "pg_dump db | p2pcopy send - --name db.sql",
        ],
        "receive" =>
        [
            "p2pcopy receive 7k3m9q-amber-velvet-canoe",
            "p2pcopy receive 7k3m9q-amber-velvet-canoe in -r wss://relay.example",
            "p2pcopy receive --stdout | tar -x",
        ],
        "relay" =>
        [
            "p2pcopy relay --listen 0.0.0.0:8765",
            "p2pcopy relay --listen 0.0.0.0:443 --certificate cert.pem --key key.pem",
        ],
        "test" => ["p2pcopy test wss://relay.example"],
        "code" => ["p2pcopy code", "p2pcopy code --words 4"],
        "completion" => ["source <(p2pcopy completion bash)"],
        _ => [],
    };
}
