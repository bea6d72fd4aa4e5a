namespace P2PCopy.Primitives;

/// <summary>A value for each of the two roles, or none.</summary>
internal sealed class RolePair<T>
    where T : class
{
    private T? _sender;
    private T? _receiver;

    public bool IsEmpty => _sender is null && _receiver is null;

    public T? this[PeerRole role]
    {
        get => role == PeerRole.Send ? _sender : _receiver;
        set
        {
            if (role == PeerRole.Send)
                _sender = value;
            else
                _receiver = value;
        }
    }
}
