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
        var record = new ErrorRecord(
            message == exception.Message ? exception : new P2PException(code, message, exception) { Hint = ParameterNames.In((exception as P2PException)?.Hint) }, code.ToString(), Category(code), target);
        if (exception is P2PException { Hint: { } hint })
        {
            // A host shows the details instead of the exception's message, and does not show the recommended action.
            string action = ParameterNames.In(hint);
            record.ErrorDetails = new ErrorDetails($"{message} {action}") { RecommendedAction = action };
        }

        return record;
    }

    public static ErrorRecord File(string name, P2PErrorCode? error, string? message, object target)
    {
        P2PErrorCode code = error ?? P2PErrorCode.Unconfirmed;
        string why = message is { Length: > 0 } ? message : code == P2PErrorCode.Unconfirmed
            ? "The transfer ended before the other side confirmed the file. Run it again."
            : "The file failed.";
        string text = VisibleText.Of(ParameterNames.In(why.Contains(name, StringComparison.Ordinal) ? why : $"{name}: {why}"));
        return new ErrorRecord(new P2PException(code, text), code.ToString(), Category(code), target);
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
