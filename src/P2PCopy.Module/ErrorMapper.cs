using System.Management.Automation;
using P2PCopy.Primitives;

namespace P2PCopy.Module;

/// <summary>Gives errors their id, category and target.</summary>
internal static class ErrorMapper
{
    public static ErrorRecord Session(Exception exception, object? target)
    {
        P2PErrorCode code = exception switch
        {
            P2PException e => e.Code,
            OperationCanceledException => P2PErrorCode.Cancelled,
            _ => P2PErrorCode.Failure,
        };

        // The exception stays as the cause: its stack trace helps to report a defect.
        string message = ParameterNames.In(exception.Message);
        string? hint = ParameterNames.In((exception as P2PException)?.Hint);
        return Record(message == exception.Message ? exception : new P2PException(code, message, exception) { Hint = hint }, code, hint, target);
    }

    /// <summary>The error of a file that failed.</summary>
    public static ErrorRecord File(FileReport file, object target)
    {
        P2PErrorCode code = file.Error ?? P2PErrorCode.Unconfirmed;
        string why = file.Message is { Length: > 0 } ? file.Message : "The file failed.";
        string text = VisibleText.Of(ParameterNames.In(why.Contains(file.Name, StringComparison.Ordinal) ? why : $"{file.Name}: {why}"));
        string? hint = ParameterNames.In(file.Hint);
        return Record(new P2PException(code, text) { Hint = hint }, code, hint, target);
    }

    private static ErrorRecord Record(Exception exception, P2PErrorCode code, string? hint, object? target)
    {
        var record = new ErrorRecord(exception, code.ToString(), Category(code), target);

        // A host shows the details instead of the exception's message, and does not show the recommended action.
        if (hint is not null)
            record.ErrorDetails = new ErrorDetails($"{exception.Message} {hint}") { RecommendedAction = hint };
        return record;
    }

    private static ErrorCategory Category(P2PErrorCode code) => code switch
    {
        P2PErrorCode.InvalidOption => ErrorCategory.InvalidArgument,
        P2PErrorCode.FileReadError => ErrorCategory.ReadError,
        P2PErrorCode.FileWriteError => ErrorCategory.WriteError,
        P2PErrorCode.DestinationExists => ErrorCategory.ResourceExists,
        P2PErrorCode.NameRefused => ErrorCategory.InvalidData,
        P2PErrorCode.IntegrityCheckFailed => ErrorCategory.InvalidData,
        P2PErrorCode.Unconfirmed => ErrorCategory.OperationStopped,
        P2PErrorCode.PairingFailed => ErrorCategory.AuthenticationError,
        P2PErrorCode.RelayConnectFailed => ErrorCategory.ConnectionError,
        P2PErrorCode.RelayRefused => ErrorCategory.PermissionDenied,
        P2PErrorCode.ConnectionLost => ErrorCategory.ConnectionError,
        P2PErrorCode.PeerDidNotCome => ErrorCategory.OperationTimeout,
        P2PErrorCode.PeerAborted => ErrorCategory.OperationStopped,
        P2PErrorCode.InsufficientSpace => ErrorCategory.ResourceUnavailable,
        P2PErrorCode.LimitExceeded => ErrorCategory.LimitsExceeded,
        P2PErrorCode.ProtocolError or P2PErrorCode.VersionMismatch => ErrorCategory.ProtocolError,
        P2PErrorCode.Cancelled => ErrorCategory.OperationStopped,
        _ => ErrorCategory.NotSpecified,
    };
}
