namespace P2PCopy;

/// <summary>How important an event of a relay is.</summary>
public enum RelayEventLevel
{
    /// <summary>Normal operation.</summary>
    Information,

    /// <summary>The operator may want to change a setting.</summary>
    Warning,

    /// <summary>The relay could not do its work.</summary>
    Error,
}
