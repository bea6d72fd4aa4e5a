namespace P2PCopy.Files.Flushing;

/// <summary>
/// Decides by measurement whether files are flushed one by one or with the whole file system. The second has a fixed cost, which is
/// high while other programs write much.
/// </summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class FlushChoice
{
    // Until something is measured: milliseconds.
    private double _single = 1;
    private double _together = 4;
    private bool _isAvailable = true;

    /// <summary>True if a flush of the file system is cheaper than one of each file.</summary>
    public bool IsTogether(int files)
    {
        if (!_isAvailable)
            return false;
        if (files * _single >= _together)
            return true;
        _together *= 0.95; // so that it is measured again some time
        return false;
    }

    public void NoteTogether(TimeSpan elapsed, bool isAvailable)
    {
        _isAvailable = isAvailable;
        _together = Average(_together, elapsed.TotalMilliseconds);
    }

    public void NoteSingle(TimeSpan elapsed, int files) => _single = Average(_single, elapsed.TotalMilliseconds / files);

    private static double Average(double before, double now) => Math.Max(0.05, (before + now) / 2);
}
