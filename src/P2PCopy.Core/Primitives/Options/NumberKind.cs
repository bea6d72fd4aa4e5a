namespace P2PCopy.Primitives.Options;

/// <summary>How a number is written.</summary>
internal enum NumberKind
{
    /// <summary>Digits.</summary>
    Count,

    /// <summary>Bytes, or with a unit.</summary>
    Size,

    /// <summary>Bytes per second, or with a unit.</summary>
    Rate,
}
