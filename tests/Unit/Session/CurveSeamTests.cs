using System.Reflection;
using P2PCopy.Session.Crypto;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>The curve in plain arithmetic is for test systems without ECDH; what is built by default has no trace of it.</summary>
public sealed class CurveSeamTests
{
    [Fact]
    public void Only_a_build_that_asks_for_the_test_curve_has_it()
    {
        const BindingFlags any = BindingFlags.NonPublic | BindingFlags.Static;
        Assert.SkipWhen(Environment.GetEnvironmentVariable("P2PCOPY_TEST_CURVE") == "1", "This build has it.");
        Assert.Null(typeof(P256).GetMethod("CreateTestKey", any));
        Assert.Empty(typeof(P256).GetNestedTypes(any));
    }
}
