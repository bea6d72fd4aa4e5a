using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using P2PCopy.Relay.Frames;
using P2PCopy.Relay.Http;
using P2PCopy.Relay.Limits;
using P2PCopy.Relay.Rooms;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Hosting;

/// <summary>One accepted stream from its request to its end.</summary>
internal sealed class RelayConnection(RelayHub hub, ClientOrigin origin, ConnectionCounts.Lease lease, Action abort, bool isMetrics)
{
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    // The client; before the request is read, the address that the connection comes from.
    private PeerAddress _client = origin.Peer;

    /// <summary>Serves the stream to its end. Throws for nothing that a client does.</summary>
    public async Task RunAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            (RequestHead? head, Refusal? refusal) = await RequestHeadReader.ReadAsync(stream, hub.Options, cancellationToken).ConfigureAwait(false);
            if (head is not null)
            {
                _client = origin.Client(head, hub.Admission.TrustedProxies);
                refusal = await AnswerAsync(stream, head).ConfigureAwait(false);
            }

            if (refusal is not null)
                await RefuseAsync(stream, refusal).ConfigureAwait(false);
        }
        catch (Exception e) when (FrameSink.IsEnd(e))
        {
            // The connection has ended, or the relay stops.
        }
    }

    private async Task<Refusal?> AnswerAsync(Stream stream, RequestHead head)
    {
        if (head.Method != "GET")
            return new Refusal(405, "method", "The relay answers GET only.", "Use a P2PCopy client, or GET /healthz to check the relay.");
        if (!isMetrics && JoinRequest.IsRoomPath(head.Path))
        {
            if (head.IsHttp10)
                return Refusal.NotHttp11;
            JoinRequest? join = JoinRequest.Parse(head, out Refusal? refusal);
            return join is null ? refusal : await JoinAsync(stream, join, origin.Seen(head)).ConfigureAwait(false);
        }

        if (Page(head.Path) is not { } page)
            return Refusal.NotFound;
        await SendAndLingerAsync(stream, page).ConfigureAwait(false);
        return null;
    }

    private byte[]? Page(string path) => path switch
    {
        _ when hub.IsEmbedded => null,
        "/healthz" => HttpReply.Ok("ok\n"),
        "/readyz" => hub.Admission.IsReady(out Refusal? why) ? HttpReply.Ok("ready\n") : HttpReply.Refuse(why),
        "/metrics" when isMetrics || hub.Options.MetricsListen is null => HttpReply.Ok(hub.Metrics.Text()),
        _ => null,
    };

    private async Task<Refusal?> JoinAsync(Stream stream, JoinRequest join, IPEndPoint? seen)
    {
        if (hub.Admission.Enter(_client, lease, join, out TokenUse? token) is { } refusal)
            return refusal;
        try
        {
            return await ServeAsync(new Member(hub.Services, stream, join, abort) { Group = _client.Group, Token = token, Seen = seen }).ConfigureAwait(false);
        }
        finally
        {
            token?.Leave();
        }
    }

    private async Task<Refusal?> ServeAsync(Member member)
    {
        RoomPlacement placement = hub.Rooms.Place(member);
        if (placement.Refusal is not null)
            return placement.Refusal;

        // Registered before the work starts, removed after it has ended.
        hub.Services.Add(member);
        try
        {
            Report(member, placement);
            InformOthers(placement);
            await member.RunAsync(placement).ConfigureAwait(false);
        }
        finally
        {
            // When no member is left, every end is counted.
            ReportEnd(member);
            hub.Services.Remove(member);
        }

        return null;
    }

    private void Report(Member member, RoomPlacement placement)
    {
        member.Token?.Joined();
        hub.Counters.Joined(placement.Partner is not null);
        hub.Events.Add(placement.Partner is null
            ? new RelayEvent.ClientWaiting(member.Join.ShownRoom, member.Join.Role, Shown, member.Token?.Name)
            : new RelayEvent.ClientPaired(member.Join.ShownRoom, member.Join.Role, Shown, member.Token?.Name, member.Session!.Number));
    }

    private void ReportEnd(Member member)
    {
        hub.Events.Add(new RelayEvent.Left(
            member.Join.ShownRoom, member.Join.Role, Shown, member.Session?.Number, member.Session?.Bytes ?? 0, member.Duration, member.Outcome));
        // Both members leave; the end of the sender counts as the end of the pair.
        if (member.Session is { } session && member.Join.Role == PeerRole.Send)
            hub.EndSession(hub.Clock.GetElapsedTime(session.Started), session.Bytes);
    }

    private string Shown => hub.Options.LogAddresses ? _client.ToString() : _client.Shown;

    // Not awaited: these connections are probably dead, and their time limits end them.
    private static void InformOthers(RoomPlacement placement)
    {
        _ = placement.Widowed?.EndAsync(WebSocketCloseStatus.EndpointUnavailable, "The other side joined again.", MemberOutcome.PeerLeft, new RelayHint(RelayHintKind.PeerLeft));
        _ = placement.Replaced?.EndAsync(RelayProtocol.Replaced, "A newer connection of the same member took this place.", MemberOutcome.Replaced);
    }

    private async Task RefuseAsync(Stream stream, Refusal refusal)
    {
        hub.Counters.Refused(refusal.Kind);
        hub.Events.Refused(Shown, refusal.Status, refusal.Kind);
        await SendAndLingerAsync(stream, HttpReply.Refuse(refusal)).ConfigureAwait(false);
    }

    // Closing with unread bytes could destroy the answer, so the client gets time to read it and to close.
    private async Task SendAndLingerAsync(Stream stream, byte[] answer)
    {
        using var limit = new CancellationTokenSource(LingerTime, hub.Clock);
        await stream.WriteAsync(answer, limit.Token).ConfigureAwait(false);
        if (stream is SslStream tls)
            await tls.ShutdownAsync().ConfigureAwait(false);
        else if (stream is NetworkStream network)
            network.Socket.Shutdown(SocketShutdown.Send);

        byte[] scratch = new byte[1024];
        for (int left = 64; left > 0 && await stream.ReadAsync(scratch, limit.Token).ConfigureAwait(false) > 0; left--)
        {
            // Discarded.
        }
    }
}
