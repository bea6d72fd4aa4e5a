using FsCheck;
using FsCheck.Fluent;
using P2PCopy.Session.Messages;

namespace P2PCopy.Tests.Unit.Session;

public sealed class LengthClassTests
{
    [Fact]
    public void A_class_holds_its_lengths_is_a_class_of_its_own_and_grows_with_them()
    {
        Prop.ForAll(Lengths().ToArbitrary(), length =>
        {
            int padded = LengthClass.Of(length);
            return padded >= length && LengthClass.Of(padded) == padded && padded <= LengthClass.Of(length + 1) && padded % LengthClass.Step == 0;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_class_costs_a_step_below_8_KiB_and_7_percent_above_and_4_above_64_KiB()
    {
        for (int length = 0; length < 8 << 10; length++)
            Assert.InRange(LengthClass.Of(length) - length, 0, LengthClass.Step);
        Prop.ForAll(Lengths().Where(l => l >= 8 << 10).ToArbitrary(), length =>
            LengthClass.Of(length) <= length * (length < 64 << 10 ? 1.07 : 1.04)).QuickCheckThrowOnFailure();
    }

    private static Gen<int> Lengths()
        => from high in Gen.Choose(0, (8 << 20) - 1)
           from shift in Gen.Choose(0, 22)
           select high >> shift;
}
