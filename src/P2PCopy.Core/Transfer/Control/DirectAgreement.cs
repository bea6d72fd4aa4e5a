using P2PCopy.Session.Links;

namespace P2PCopy.Transfer.Control;

/// <summary>Combines the settings of both sides for direct connections.</summary>
internal static class DirectAgreement
{
    /// <summary>The mode of both; <see cref="DirectMode.Off"/> if one side makes no direct connections.</summary>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.InvalidOption"/>: one side makes none, and the other wants nothing else.</exception>
    public static DirectMode Of(DirectMode own, DirectMode peer)
    {
        if (own == DirectMode.Off || peer == DirectMode.Off)
        {
            return own == DirectMode.Only || peer == DirectMode.Only
                ? throw new P2PException(P2PErrorCode.InvalidOption, "One side has `Direct Only` and the other one makes no direct connections.") { Hint = "Use `Direct Auto` on both sides." }
                : DirectMode.Off;
        }

        return own == DirectMode.Only || peer == DirectMode.Only ? DirectMode.Only
            : own == DirectMode.Lan || peer == DirectMode.Lan ? DirectMode.Lan
            : DirectMode.Auto;
    }

    /// <summary>Begins direct connections, if both sides make them.</summary>
    /// <param name="session">The session.</param>
    /// <param name="control">Sends candidates.</param>
    /// <param name="peer">The other side's settings.</param>
    public static void Begin(PeerSession session, ControlPort control, SettingsMessage peer)
    {
        DirectMode mode = Of(session.Context.Direct.Mode, peer.Direct);
        if (mode != DirectMode.Off)
            session.StartDirect(mode, (offer, token) => control.SendAsync(new CandidatesMessage { Offer = offer }, token));
    }
}
