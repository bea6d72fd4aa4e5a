using P2PCopy.Relay.Http;

namespace P2PCopy.Relay.Rooms;

/// <summary>The result of a join.</summary>
/// <param name="Refusal">Why the member may not join; everything else is null then.</param>
/// <param name="Partner">The other member, if it was there: the two are a pair now.</param>
/// <param name="Replaced">An earlier connection of the same member, now out of the room.</param>
/// <param name="Widowed">The partner of the replaced connection, now out of the room too.</param>
internal readonly record struct RoomPlacement(Refusal? Refusal, Member? Partner = null, Member? Replaced = null, Member? Widowed = null);
