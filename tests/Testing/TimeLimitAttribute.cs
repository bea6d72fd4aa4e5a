using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using P2PCopy.Tests.Testing;
using Xunit.v3;

[assembly: TimeLimit]

namespace P2PCopy.Tests.Testing;

/// <summary>
/// No test waits for ever. One that takes far too long has its token cancelled: the wait that then ends says where it was.
/// A test that ignores its token ends the process with the name of the test. Explicit long tests have no limit.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TimeLimitAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    // P2PCOPY_KILL_SEEDS and the like.
    private static readonly bool IsLongVersion = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Any(v => v is { Key: string name, Value: string value } && name.StartsWith("P2PCOPY_", StringComparison.Ordinal) && value.Any(char.IsAsciiDigit));

    private readonly ConcurrentDictionary<string, Timer> _running = new();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (test.Explicit || IsLongVersion)
            return;
        ITestContext context = TestContext.Current;
        bool isCancelled = false;
        _running[test.UniqueID] = new Timer(
            _ =>
            {
                if (isCancelled)
                    Environment.FailFast($"{test.TestDisplayName} took longer than {Limit} and has not ended since it was told to: it waits for something without its token.");
                isCancelled = true;
                context.CancelCurrentTest();
            },
            null,
            Limit,
            Grace);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (_running.TryRemove(test.UniqueID, out Timer? timer))
            timer.Dispose();
    }
}
