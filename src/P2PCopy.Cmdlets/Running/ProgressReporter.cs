using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets.Running;

/// <summary>The numbers of the engine that progress shows, without its types.</summary>
internal sealed record ProgressSample(
    string Status, long FilesDone, long FilesTotal, long BytesDone, long BytesTotal, string? CurrentName, long CurrentDone,
    long CurrentTotal, double BytesPerSecond, double? SecondsRemaining);

/// <summary>Shows the latest sample as a progress record for the transfer and one for the file, at most four times a second.</summary>
internal sealed class ProgressReporter(string activity)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static int LastId = 0x70327063;

    private readonly int _id = Interlocked.Add(ref LastId, 2);
    private ProgressSample? _latest;
    private long _shownAt;
    private bool _isShown;
    private bool _childIsShown;

    /// <summary>Replaces the sample. Can be called from any thread.</summary>
    public void Set(ProgressSample sample) => Volatile.Write(ref _latest, sample);

    /// <summary>Writes the latest sample, if it is new and the interval is over. For the pipeline's thread.</summary>
    public void Show(PSCmdlet cmdlet)
    {
        if (_shownAt != 0 && Stopwatch.GetElapsedTime(_shownAt) < Interval)
            return;
        if (Interlocked.Exchange(ref _latest, null) is not { } sample)
            return;

        _shownAt = Stopwatch.GetTimestamp();
        _isShown = true;
        cmdlet.WriteProgress(Parent(sample));
        if (sample.CurrentName is { Length: > 0 } name && sample.FilesTotal != 1)
        {
            _childIsShown = true;
            cmdlet.WriteProgress(Child(sample, name));
        }
    }

    /// <summary>Removes the records from the screen, also after a failure.</summary>
    public void Complete(PSCmdlet cmdlet)
    {
        if (!_isShown)
            return;

        _isShown = false;
        try
        {
            if (_childIsShown)
                cmdlet.WriteProgress(new ProgressRecord(_id + 1, activity, "Completed") { RecordType = ProgressRecordType.Completed, ParentActivityId = _id });
            cmdlet.WriteProgress(new ProgressRecord(_id, activity, "Completed") { RecordType = ProgressRecordType.Completed });
        }
        catch (PipelineStoppedException)
        {
            // A stopped pipeline accepts no output. Its host clears the screen.
        }
    }

    private ProgressRecord Parent(ProgressSample sample)
        => new(_id, activity, sample.Status)
        {
            PercentComplete = Percent(sample.BytesDone, sample.BytesTotal),
            SecondsRemaining = sample.SecondsRemaining is { } s && double.IsFinite(s) && s >= 0 ? (int)Math.Min(s, int.MaxValue) : -1,
        };

    private ProgressRecord Child(ProgressSample sample, string name)
        => new(_id + 1, VisibleText.Name(name), string.Create(CultureInfo.InvariantCulture, $"{ByteText.Size(sample.CurrentDone)} of {ByteText.Size(sample.CurrentTotal)}"))
        {
            ParentActivityId = _id,
            PercentComplete = Percent(sample.CurrentDone, sample.CurrentTotal),
        };

    // A value above 100 is an exception in the host.
    private static int Percent(long done, long total) => total > 0 ? (int)Math.Clamp(100.0 * done / total, 0, 100) : -1;
}
