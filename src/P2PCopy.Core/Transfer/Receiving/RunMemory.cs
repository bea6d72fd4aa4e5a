using P2PCopy.Files.Destination;

namespace P2PCopy.Transfer.Receiving;

/// <summary>The state of a receiver over the sessions of one run. A restarted sender is a new session of the same run.</summary>
/// <param name="options">The receiver's options.</param>
/// <param name="resumes">Whether a restarted sender continues this run; at a standing receiver it starts another one.</param>
internal sealed class RunMemory(ReceiveOptions options, bool resumes)
{
    private string? _folder;

    /// <summary>Charges the offers against the receiver's limits.</summary>
    public ReceiveBudget Budget { get; } = new(options);

    /// <summary>Limits what senders learn by the comparison of blocks.</summary>
    public BlockQuestions Questions { get; } = new();

    /// <summary>The consent of the user.</summary>
    public Consent Consent { get; } = new(options.ConfirmOffer);

    /// <summary>The files that are here and would be replaced, and the answers about them.</summary>
    public ConflictQuestions Conflicts { get; private set; } = new(options.ResolveConflict);

    /// <summary>The placed files; null if no session needs them.</summary>
    public OwnFiles? Own { get; } = resumes && options.OnConflict is not (null or ConflictPolicy.Update or ConflictPolicy.Overwrite) ? new() : null;

    /// <summary>Starts a session. In the folder of another sender the same names are other files.</summary>
    /// <param name="senderName">The name that the sender gives itself.</param>
    public void BeginSession(string? senderName)
    {
        string? folder = options.FolderPerSender ? SenderFolder.Of(senderName) : null;
        if (_folder is not null && folder != _folder)
        {
            Budget.ForgetNames();
            Consent.Forget();
            Conflicts = new(options.ResolveConflict);
        }

        _folder = folder;
        Budget.BeginSession();
    }
}
