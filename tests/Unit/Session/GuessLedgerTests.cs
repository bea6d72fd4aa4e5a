using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

public sealed class GuessLedgerTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Each_wrong_code_in_a_row_blocks_for_twice_as_long_up_to_two_minutes()
    {
        var ledger = new GuessLedger(_clock);
        List<double> blocks = [];
        for (int i = 0; i < 9; i++)
        {
            ledger.Charge();
            blocks.Add(ledger.Blocked.TotalSeconds);
            _clock.Advance(ledger.Blocked);
            Assert.Equal(TimeSpan.Zero, ledger.Blocked);
        }

        Assert.Equal([2, 4, 8, 16, 32, 64, 120, 120, 120], blocks);
        Assert.Equal(9, ledger.Total);
    }

    [Fact]
    public void A_right_code_starts_the_back_off_again_and_is_not_counted()
    {
        var ledger = new GuessLedger(_clock);
        for (int i = 0; i < 5; i++)
            ledger.Charge();

        ledger.Charge();
        ledger.Refund();
        Assert.Equal(5, ledger.Total);
        Assert.Equal(TimeSpan.Zero, ledger.Blocked);

        ledger.Charge();
        Assert.Equal(2, ledger.Blocked.TotalSeconds);
    }

    [Fact]
    public void After_the_allowance_of_a_day_every_guess_blocks_for_two_minutes_however_many_right_codes_come_between()
    {
        const int Allowance = 7;
        var ledger = new GuessLedger(_clock, dailyAllowance: Allowance);
        List<DateTimeOffset> guesses = [];
        for (int i = 0; i < 2000; i++)
        {
            _clock.Advance(ledger.Blocked);
            guesses.Add(_clock.GetUtcNow());
            ledger.Charge();
            TimeSpan blocked = ledger.Blocked;
            Assert.InRange(blocked, TimeSpan.FromSeconds(2), GuessLedger.LongestBlock);
            _clock.Advance(blocked);
            ledger.Charge();
            ledger.Refund(); // a right code
        }

        for (int i = 0; i < guesses.Count; i++)
        {
            int within = guesses.Skip(i).TakeWhile(guess => guess - guesses[i] < TimeSpan.FromDays(1)).Count();
            Assert.InRange(within, 1, Allowance + (int)(TimeSpan.FromDays(1) / GuessLedger.LongestBlock));
        }
    }

    [Theory]
    [InlineData(1, 1, 3)] // a code that the user gave
    [InlineData(4, 4, 4)] // a code that this side generated
    public void The_limit_is_for_wrong_codes_and_a_lenient_one_for_connections_that_end(int limit, int wrong, int unanswered)
    {
        var answered = new GuessLedger(_clock, limit);
        for (int i = 0; i < wrong; i++)
        {
            Assert.False(answered.IsSpent);
            answered.Charge();
            answered.MarkWrong();
        }

        var cut = new GuessLedger(_clock, limit);
        for (int i = 0; i < unanswered; i++)
        {
            Assert.False(cut.IsSpent);
            cut.Charge();
        }

        Assert.True(answered.IsSpent);
        Assert.True(cut.IsSpent);
    }

    [Fact]
    public void Without_a_limit_it_is_never_spent()
    {
        var ledger = new GuessLedger(_clock, dailyAllowance: GuessLedger.StandingDailyAllowance);
        for (int i = 0; i < 1000; i++)
        {
            ledger.Charge();
            ledger.MarkWrong();
        }

        Assert.False(ledger.IsSpent);
    }
}
