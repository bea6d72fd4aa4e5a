using System.Management.Automation;
using System.Security.Cryptography;
using P2PCopy.Cmdlets;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>What the cmdlets write about a transfer: objects that other commands can use.</summary>
public sealed class TransferObjectTests : CmdletTests
{
    [Fact]
    public async Task Every_result_has_its_transfer_which_is_complete_at_the_end()
    {
        foreach (string name in (string[])["tree/a.txt", "tree/b.txt", "tree/c.bin"])
            Peer.Folder.File(name, new string('x', 100_000) + name);
        DateTime before = DateTime.Now;
        Task<TransferReport> other = Peer.ReceiveAsync();
        SessionResult sent = Session.Run("Send-P2PFile $folder/tree @with -SenderName site7");
        TransferReport received = await other;

        Assert.Null(sent.End);
        P2PFileResult[] files = [.. sent.Output.Select(o => (P2PFileResult)o.BaseObject)];
        Assert.Equal(3, files.Length);
        P2PTransferResult transfer = Assert.Single(files.Select(f => f.Transfer).Distinct());
        Assert.True(Guid.TryParse(transfer.Id, out _));
        Assert.Equal("Completed", transfer.Status);
        Assert.Equal("site7", transfer.SenderName);
        Assert.Equal(Peer.Relay, transfer.Relay);
        Assert.InRange(transfer.Started, before, DateTime.Now);
        Assert.True(transfer.Duration > TimeSpan.Zero);
        Assert.Equal((3, 0, 0, 0, 0), (transfer.Copied, transfer.Unchanged, transfer.Skipped, transfer.Failed, transfer.Unconfirmed));
        Assert.Equal(files.Sum(f => f.Length), transfer.BytesCopied);
        Assert.InRange(transfer.BytesTransferred, 1, 100_000);
        Assert.Equal(received.Codec.ToString(), transfer.Codec);
        Assert.Equal(0, transfer.Reconnects);
        Assert.Null(transfer.ErrorId);
    }

    [Fact]
    public async Task A_summary_follows_the_results_of_the_files()
    {
        Peer.Folder.File("tree/a.txt", "a");
        Peer.Folder.File("tree/b.txt", "b");
        Directory.CreateDirectory(Path.Combine(Peer.Destination, "tree", "b.txt"));
        Task<TransferReport> other = Peer.SendAsync(o => o with { Paths = [Peer.Folder["tree"]], SenderName = "site7" });
        SessionResult received = Session.Run("Receive-P2PFile $destination @with -Summary");
        await other;

        Assert.Equal(["tree/a.txt", "tree/b.txt"], received.Output.SkipLast(1).Select(o => ((P2PFileResult)o.BaseObject).Name).Order());
        var transfer = (P2PTransferResult)received.Output[^1].BaseObject;
        Assert.Equal("Incomplete", transfer.Status);
        Assert.Equal("site7", transfer.SenderName);
        Assert.Equal((1, 1), (transfer.Copied, transfer.Failed));
        ErrorRecord failed = Assert.Single(received.Errors);
        Assert.Equal("tree/b.txt", ((P2PFileResult)failed.TargetObject).Name);
        Assert.Same(transfer, ((P2PFileResult)failed.TargetObject).Transfer);
    }

    [Fact]
    public async Task A_standing_receiver_writes_a_summary_for_each_transfer()
    {
        string[] senders = ["first", "second", "third"];
        using PowerShell shell = Session.Create("Receive-P2PFile $destination @with -Continuous -FolderPerSender -Summary");
        var output = new PSDataCollection<PSObject>();
        Task run = shell.InvokeAsync(default(PSDataCollection<PSObject>), output);
        foreach (string sender in senders)
        {
            Peer.Folder.File(sender + ".txt", sender);
            Assert.True((await Peer.SendAsync(o => o with { Paths = [Peer.Folder[sender + ".txt"]], SenderName = sender })).Succeeded);
        }

        while (output.Count < 2 * senders.Length)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        await shell.StopAsync(null, null);
        await Assert.ThrowsAnyAsync<PipelineStoppedException>(() => run);

        P2PTransferResult[] transfers = [.. output.Select(o => o.BaseObject).OfType<P2PTransferResult>()];
        Assert.Equal(transfers, output.Select(o => o.BaseObject).OfType<P2PFileResult>().Select(f => f.Transfer));
        Assert.Equal(senders, transfers.Select(t => t.SenderName));
        Assert.Equal(3, transfers.Select(t => t.Id).Distinct().Count());
        Assert.All(transfers, t => Assert.Equal(("Completed", 1L), (t.Status, t.Copied)));
        Assert.All(senders, s => Assert.Equal(s, File.ReadAllText(Path.Combine(Peer.Destination, s, s + ".txt"))));
    }

    [Fact]
    public async Task A_transfer_that_ends_early_has_its_summary_before_its_error()
    {
        Peer.Folder.File("a.txt", new string('x', 1000));
        Task<TransferReport> other = Peer.ReceiveAsync(o => o with { MaxSize = 10 });
        SessionResult sent = Session.Run("Send-P2PFile $folder/a.txt @with -Summary");
        await Outcome(other);

        var transfer = (P2PTransferResult)sent.Output[^1].BaseObject;
        Assert.Equal("Failed", transfer.Status);
        Assert.Equal(sent.EndId, transfer.ErrorId);
        Assert.NotNull(transfer.Message);
    }

    [Fact]
    public void An_offer_consists_of_objects()
    {
        Peer.Folder.File("tree/a.txt", "abc", new DateTime(2020, 5, 6, 7, 8, 9, DateTimeKind.Utc));
        var offer = (P2POffer)Session.Run("Send-P2PFile $folder/tree -WhatIf").Only.BaseObject;

        Assert.Equal(["tree Folder ", "tree/a.txt File 3"], offer.Entries.Select(e => $"{e.Name} {e.Kind} {e.Length}"));
        Assert.Equal(new DateTime(2020, 5, 6, 7, 8, 9, DateTimeKind.Utc), offer.Entries[1].LastWriteTime!.Value.ToUniversalTime());
        Assert.Equal("tree/a.txt", Session.Run("(Send-P2PFile $folder/tree -WhatIf).Entries | Where-Object Kind -EQ File | ForEach-Object Name").Text);
    }

    [Fact]
    public async Task In_JSON_a_choice_is_its_name_and_nothing_is_cut_off()
    {
        Peer.Folder.File("a.txt", "abc");
        Task<TransferReport> other = Peer.ReceiveAsync();
        SessionResult json = Session.Run("$r = Send-P2PFile $folder/a.txt @with; ConvertTo-Json $r; ConvertTo-Json $r.Transfer; (Send-P2PFile $folder/a.txt -WhatIf | ConvertTo-Json)");
        await other;

        Assert.Empty(json.Warnings);
        Assert.Contains("\"Status\": \"Copied\"", json.Text, StringComparison.Ordinal);
        Assert.Contains("\"Status\": \"Completed\"", json.Text, StringComparison.Ordinal);
        Assert.Contains("\"Kind\": \"File\"", json.Text, StringComparison.Ordinal);
        foreach (string choice in (string[])["Status", "Kind", "Codec", "ErrorId"])
            Assert.DoesNotMatch($"\"{choice}\": \\d", json.Text);
    }

    [Fact]
    public async Task A_table_of_results_names_the_transfer()
    {
        Peer.Folder.File("a.txt", "abc");
        Task<TransferReport> other = Peer.ReceiveAsync();
        SessionResult csv = Session.Run("$r = Send-P2PFile $folder/a.txt @with; $r.Transfer.Id; $r | ConvertTo-Csv | ConvertFrom-Csv | ForEach-Object Transfer");
        await other;
        Assert.Equal(csv.Output[0].ToString(), csv.Output[1].ToString());
    }

    /// <summary>Both sides tell the same digest, or none.</summary>
    [Theory]
    [InlineData("new", "", true)]
    [InlineData("small, other content", "", true)]
    [InlineData("large, other content", "", true)]
    [InlineData("small, same content", "-Checksum", true)]
    [InlineData("large, same content", "-Checksum", true)]
    [InlineData("large, same content", "-OnConflict Overwrite", true)]
    [InlineData("large, same content and time", "", false)]
    [InlineData("large, same content", "-OnConflict Skip", false)]
    public async Task The_hash_is_the_same_on_both_sides(string there, string options, bool has)
    {
        byte[] content = RandomNumberGenerator.GetBytes(there.StartsWith("small", StringComparison.Ordinal) ? 1000 : 300_000);
        DateTime time = new(2020, 5, 6, 7, 8, 9, DateTimeKind.Utc);
        string source = Peer.Folder.File("f.bin", "", time);
        File.WriteAllBytes(source, content);
        File.SetLastWriteTimeUtc(source, time);
        if (there != "new")
        {
            string existing = Path.Combine(Directory.CreateDirectory(Peer.Destination).FullName, "f.bin");
            File.WriteAllBytes(existing, there.Contains("same", StringComparison.Ordinal) ? content : [.. content.Select(b => (byte)(b ^ 1))]);
            File.SetLastWriteTimeUtc(existing, there.EndsWith("time", StringComparison.Ordinal) ? time : time.AddDays(-1));
        }

        Task<TransferReport> other = Peer.SendAsync(o => o with { Paths = [source] });
        var received = (P2PFileResult)Session.Run($"Receive-P2PFile $destination @with {options}").Only.BaseObject;
        FileReport sent = (await other).Files.Single();

        Assert.Equal(sent.Status.ToString(), received.Status);
        Assert.Equal(sent.Hash, received.Hash);
        Assert.Equal(has ? Convert.ToHexString(SHA256.HashData(content)) : null, received.Hash);
    }

    [Fact]
    public async Task A_code_in_the_place_of_the_destination_is_the_code()
    {
        Peer.Folder.File("a.txt", "abc");
        Session["code"] = Peer.Code.Reveal();
        Directory.CreateDirectory(Peer.Destination);
        Task<TransferReport> other = Peer.SendAsync(o => o with { Paths = [Peer.Folder["a.txt"]] });
        SessionResult received = Session.Run("Set-Location $destination; Receive-P2PFile $code -Relay $with.Relay");
        await other;
        Assert.Equal("Copied", ((P2PFileResult)received.Only.BaseObject).Status);
        Assert.Equal(["a.txt"], Directory.GetFileSystemEntries(Peer.Destination).Select(Path.GetFileName));
    }

    [Fact]
    public async Task One_file_is_not_1_files()
    {
        Peer.Folder.File("a.txt", "abc");
        Task<TransferReport> other = Peer.ReceiveAsync();
        SessionResult sent = Session.Run("Send-P2PFile $folder/a.txt @with -Verbose");
        await other;
        Assert.Contains("The offer: 1 file, 0 folders, 3 B.", sent.Verbose);
        Assert.DoesNotContain(sent.Verbose, v => v.Contains("1 files", StringComparison.Ordinal) || v.Contains("1 reconnects", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public async Task A_table_cuts_nothing_off(int width)
    {
        string name = string.Join('-', Enumerable.Repeat("a-rather-long-name", 8)) + ".txt";
        Peer.Folder.File(name, "abc");
        Session["width"] = width;
        Task<TransferReport> other = Peer.ReceiveAsync();
        string text = Session.Run("$r = Send-P2PFile $folder/a*.txt @with; $r | Out-String -Width $width; $r.Transfer | Out-String -Width $width; (Send-P2PFile $folder/a*.txt -WhatIf).Entries | Out-String -Width $width").Text;
        await other;

        Assert.All(text.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, width));
        string joined = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        Assert.Equal(2, joined.Split(name).Length - 1);
        Assert.Matches(@"Status +Size +SHA256 +Name", text);
        Assert.Matches(@"Status +Started +Seconds +Copied +Failed +Size +Sender", text);
        Assert.Matches(@"Kind +Size +Modified +Name", text);
    }

    private static async Task Outcome(Task<TransferReport> transfer)
    {
        try
        {
            await transfer;
        }
        catch (P2PException)
        {
            // How the other side ends is no part of the test.
        }
    }
}
