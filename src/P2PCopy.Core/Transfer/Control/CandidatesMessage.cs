using System.Net;
using System.Text.Json;
using P2PCopy.Session.Direct;

namespace P2PCopy.Transfer.Control;

/// <summary>Addresses at which a side may be reached directly (docs/protocol.md §8).</summary>
internal sealed record CandidatesMessage : ControlMessage
{
    public const string Name = "candidates";

    private static readonly string[] Kinds = ["interface", "observed", "mapped"];

    public override string Type => Name;

    /// <summary>The addresses, for one attempt of one connection.</summary>
    public required CandidateOffer Offer { get; init; }

    public static CandidatesMessage Read(JsonElement message)
    {
        JsonElement list = message.Member("list"u8);
        if (list.GetArrayLength() > Candidate.MostOffered)
            throw new JsonException("There are too many candidates.");
        var candidates = new List<Candidate>();
        foreach (JsonElement item in list.EnumerateArray())
        {
            // A later version may know addresses and kinds that this one does not.
            if (Array.IndexOf(Kinds, item.Text("k"u8)) is >= 0 and var kind && Candidate.TryParse(item.Text("a"u8), out IPEndPoint? address))
                candidates.Add(new Candidate(address, (CandidateKind)kind));
        }

        return new CandidatesMessage
        {
            Offer = new CandidateOffer(
                message.Number("connection"u8, DirectPeer.MaxConnections - 1), message.Number("attempt"u8, CandidateOffer.MaxAttempt), candidates),
        };
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("connection"u8, Offer.Connection);
        json.WriteNumber("attempt"u8, Offer.Attempt);
        json.WriteStartArray("list"u8);
        foreach (Candidate candidate in Offer.Candidates)
        {
            json.WriteStartObject();
            json.WriteString("a"u8, candidate.EndPoint.ToString());
            json.WriteString("k"u8, Kinds[(int)candidate.Kind]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
