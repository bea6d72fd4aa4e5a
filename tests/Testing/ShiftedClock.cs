namespace P2PCopy.Tests.Testing;

/// <summary>The system's clock, whose timestamps a test moves forward. Timers keep the system's pace.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _shift;

    public override long GetTimestamp() => System.GetTimestamp() + Volatile.Read(ref _shift);

    public void Shift(TimeSpan time) => Interlocked.Add(ref _shift, (long)(time.TotalSeconds * TimestampFrequency));
}
