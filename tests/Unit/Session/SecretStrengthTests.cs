using P2PCopy.Session.Pairing;

namespace P2PCopy.Tests.Unit.Session;

public sealed class SecretStrengthTests
{
    [Theory]
    [InlineData("acorn-action-adapt", 30)]
    [InlineData("acorn-action-adapt-adult", 40)]
    [InlineData("acorn-action-adapt-acorn", 40)] // a repetition happens by chance
    [InlineData("acorn-acorn-acorn-acorn", 20)]
    [InlineData("acorn-action-acorn-action-acorn", 30)]
    [InlineData("otter7", 12)]
    [InlineData("hunter2hunter2hunter2hunter2", 35)] // seven different characters
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 4)]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456789", 6)] // one run of letters, one of digits
    [InlineData("correct horse battery staple", 39)]
    [InlineData("7f3a91c0d25e4b68a1f09c3d5e7b2846", 48)] // openssl rand -hex 16
    public void A_secret_counts_as_this_many_bits(string secret, double bits)
        => Assert.Equal(bits, Math.Floor(SecretStrength.Bits(secret)));

    [Theory]
    [InlineData("acorn-action-adapt", 30)]
    [InlineData("1234", 16)]
    [InlineData("abcdefgh", 16)] // a run counts as four characters
    [InlineData("87654321", 16)]
    [InlineData("aaaaaaaaaaaa", 4)]
    [InlineData("abababababab", 10)] // two distinct characters
    [InlineData("hunter2", 28)]
    [InlineData("password", 28)]
    [InlineData("k7q-x2mw", 32)]
    [InlineData("correct horse", 40)]
    public void The_secret_of_one_transfer_counts_as_this_many_bits(string secret, double bits)
        => Assert.Equal(bits, Math.Floor(SecretStrength.TransferBits(secret)));

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(6, true)]
    public void A_generated_code_serves_a_standing_receiver_from_four_words_on(int words, bool isStrong)
    {
        for (int i = 0; i < 200; i++)
            Assert.Equal(isStrong, PairingCode.Generate(words).SecretBits >= PairingCode.StandingSecretBits);
    }

    [Fact]
    public void A_draw_that_repeats_too_many_words_is_drawn_again()
    {
        string[] all = [.. PairingWords.All];
        var draws = new Queue<string[]>([[all[1], all[1], all[1], all[2]], [all[1], all[2], all[1], all[2]], [all[1], all[2], all[3], all[1]]]);
        Assert.Equal($"{all[1]}-{all[2]}-{all[3]}-{all[1]}", PairingCode.DrawSecret(draws.Dequeue));
        Assert.Empty(draws);
    }
}
