namespace P2PCopy.Transfer.Receiving;

/// <summary>The person or the script said no to the offer: an end, but no error on this side.</summary>
internal sealed class OfferDeclinedException : Exception;
