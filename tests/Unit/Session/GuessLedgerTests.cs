using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

public sealed class GuessLedgerTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Each_wrong_code_in_a_row_closes_for_twice_as_long_up_to_ten_minutes()
    {
        var ledger = new GuessLedger(_clock);
        List<double> pauses = [];
        for (int i = 0; i < 12; i++)
        {
            ledger.Add();
            pauses.Add(ledger.Closed.TotalSeconds);
            _clock.Advance(ledger.Closed);
            Assert.Equal(TimeSpan.Zero, ledger.Closed);
        }

        Assert.Equal([2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600], pauses);
        Assert.Equal(12, ledger.Total);
    }

    [Fact]
    public void A_right_code_makes_the_next_wrong_one_a_slip_again()
    {
        var ledger = new GuessLedger(_clock);
        for (int i = 0; i < 5; i++)
            ledger.Add();

        ledger.Forgive();
        ledger.Add();

        Assert.Equal(2, ledger.Closed.TotalSeconds);
    }

    [Fact]
    public void No_24_hours_have_more_wrong_codes_than_the_cap_however_many_right_ones_come_between()
    {
        const int Cap = 7;
        var ledger = new GuessLedger(_clock, Cap);
        List<DateTimeOffset> guesses = [];
        for (int i = 0; i < 5 * Cap; i++)
        {
            _clock.Advance(ledger.Closed);
            guesses.Add(_clock.GetUtcNow());
            ledger.Add();
            ledger.Forgive();
        }

        for (int i = Cap; i < guesses.Count; i++)
            Assert.True(guesses[i] - guesses[i - Cap] >= TimeSpan.FromDays(1), $"Guess {i} came {guesses[i] - guesses[i - Cap]} after guess {i - Cap}.");
        Assert.True(guesses[Cap - 1] - guesses[0] < TimeSpan.FromMinutes(1));
    }
}
