using System.Text.Json;

namespace P2PCopy.Cmdlets.Services;

/// <summary>The file that a relay that is a service writes when it starts.</summary>
/// <param name="ProcessId">Its process.</param>
/// <param name="Uri">The address of its metrics.</param>
internal sealed record RelayState(int ProcessId, Uri Uri)
{
    /// <summary>Reads the state in the folder of the logs; null if there is none.</summary>
    public static RelayState? Read(string folder)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, RegisterP2PRelayServiceCommand.StateFile)));
            JsonElement root = json.RootElement;
            string? address = root.TryGetProperty(nameof(P2PRelayInfo.MetricsUri), out JsonElement metrics) && metrics.ValueKind == JsonValueKind.String
                ? metrics.GetString() : root.GetProperty(nameof(P2PRelayInfo.Uri))[0].GetString();
            return new RelayState(root.GetProperty(nameof(P2PRelayInfo.ProcessId)).GetInt32(), new Uri(address!));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException)
        {
            return null;
        }
    }
}
