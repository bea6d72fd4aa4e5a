using System.Security.Cryptography;
using P2PCopy.Files.Delta;
using P2PCopy.Session.Links;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Receiving;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Tests.Hostile;

/// <summary>
/// A sender with the right code that wants to read the receiver's files. It learns whether the receiver has a block that it
/// names, and nothing else.
/// </summary>
public sealed class HostileComparisonTests : IDisposable
{
    private const int Length = 70_000;
    private const int SecretLength = 256;

    private readonly TransferPair _pair = new();
    private readonly byte[] _known = RandomNumberGenerator.GetBytes(Length);

    [Fact]
    public async Task What_a_receiver_says_does_not_depend_on_content_that_the_sender_does_not_name()
    {
        // The known file has a secret of 256 bytes in it. The sender names the blocks of the file without the secret, over and
        // over, in fresh sessions with fresh keys.
        List<string> said = [];
        for (int session = 0; session < 6; session++)
        {
            byte[] content = (byte[])_known.Clone();
            RandomNumberGenerator.Fill(content.AsSpan(20_000, SecretLength));
            said.Add(await AskAsync(content, key => List(_known, key)));
        }

        Assert.Single(said.Distinct());
        Assert.DoesNotContain(_known.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), said[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_that_the_sender_names_in_full_is_found_and_a_wrong_bit_is_not()
    {
        byte[] known = new byte[Length]; // zeros are one block
        byte[] wrong = new byte[Length];
        wrong[10] ^= 1;

        Assert.Contains("\"runs\":[1]", await AskAsync(known, key => [(Length, Digest(known, key))]), StringComparison.Ordinal);
        Assert.Contains("\"runs\":[0,1]", await AskAsync(known, key => [(Length, Digest(wrong, key))]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData((16 << 10) - 1)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(Length + 1)]
    [InlineData(int.MaxValue)]
    public async Task A_block_that_is_short_enough_to_guess_or_longer_than_the_file_ends_the_session(int length)
        => Assert.Contains("ProtocolError", await AskAsync(_known, key => [(length, default)]), StringComparison.Ordinal);

    [Fact]
    public async Task A_standing_receiver_is_not_asked_by_default()
    {
        ReceiveOptions standing = StandingReceiver.Complete(_pair.Receive);
        Assert.DoesNotContain("blocks", await AskAsync(_known, key => List(_known, key), standing with { OnConflict = ConflictPolicy.Update }), StringComparison.Ordinal);
    }

    [Fact]
    public void Questions_beyond_the_limit_are_answered_with_no()
    {
        var questions = new BlockQuestions(2);
        Assert.True(questions.TryTake());
        Assert.True(questions.AreAllowed);
        Assert.True(questions.TryTake());
        Assert.False(questions.AreAllowed);
        Assert.False(questions.TryTake());
        Assert.False(questions.TryTake());
    }

    public void Dispose() => _pair.Dispose();

    /// <summary>Offers a file that the receiver has with this content, and lists blocks for it.</summary>
    /// <returns>Everything that the receiver says.</returns>
    private async Task<string> AskAsync(byte[] content, Func<byte[], List<(int Length, UInt128 Digest)>> list, ReceiveOptions? options = null)
    {
        File.SetLastWriteTimeUtc(_pair.Write("destination/known", content), DateTime.UnixEpoch.AddDays(1));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(options ?? _pair.Receive, cancellationToken: stop.Token));
        SendOptions send = _pair.Send;
        await using var meter = new TransferMeter(null, send.TimeProvider);
        var runner = new TransferRunner(send, PairingCode.Parse(TransferPair.Code), new EventSink(null, meter), meter);
        List<string> said = [];
        Outcome sender = await Outcome.OfAsync(runner.RunAsync(
            runner.CreateContext(PeerRole.Send, _pair.Relay, wrongCodeLimit: 1),
            async (session, _, token) => await AskAsync(session, list, said, token),
            stop.Token));
        await stop.CancelAsync();
        await receiver;
        return string.Join('\n', said) + sender.Error;
    }

    private static async Task AskAsync(
        PeerSession session, Func<byte[], List<(int Length, UInt128 Digest)>> list, List<string> said, CancellationToken cancellationToken)
    {
        var control = new ControlPort(session);
        await control.SendAsync(new SettingsMessage { Codecs = [], Window = 1 << 20, ChunkSize = 1 << 20, Hash = true }, cancellationToken);
        await ReceiveAsync();
        var entry = new OfferedEntry { Name = "known", Length = Length, Modified = 1 };
        await control.SendAsync(new OfferPage { Round = 0, Page = 0, Last = true, Entries = [entry] }, cancellationToken);
        if (await ReceiveAsync() is not AnswerPage { Entries: [{ Answer: Answers.Blocks }] })
            return;
        List<byte> data = [];
        foreach ((int length, UInt128 digest) in list(session.BlockKey(BlockDigest.KeyLength)))
            BlocksPage.Append(data, length, digest);
        await control.SendAsync(new BlocksPage { Round = 0, Index = 0, Last = true, Data = [.. data] }, cancellationToken);
        await ReceiveAsync();

        async Task<ControlMessage> ReceiveAsync()
        {
            ControlMessage message = await control.ReceiveAsync(cancellationToken);
            said.Add(System.Text.Encoding.UTF8.GetString(ControlJson.Encode(message)));
            return message;
        }
    }

    private static List<(int Length, UInt128 Digest)> List(byte[] content, byte[] key)
    {
        List<(int Length, UInt128 Digest)> list = [];
        using var splitter = new BlockSplitter(BlockParameters.For(content.Length), key, content.Length, (length, digest) => list.Add((length, digest)));
        splitter.Append(content);
        splitter.Complete();
        return list;
    }

    private static UInt128 Digest(byte[] content, byte[] key)
    {
        using var digest = new BlockDigest(key);
        digest.Append(content);
        return digest.Finish();
    }
}
