namespace P2PCopy;

/// <summary>The form of a log line.</summary>
public enum RelayLogFormat
{
    /// <summary>Time, event, and <c>name=value</c> pairs.</summary>
    Text,

    /// <summary>One JSON object per line.</summary>
    Json,
}
