using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;
using P2PCopy.Cmdlets;
using P2PCopy.Tests.Documentation;
using P2PCopy.Tests.Unit.Tool;
using P2PCopy.Tool;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tests.Unit.Cmdlets;

/// <summary>The one table of options: what the API, the cmdlets and the tool call the same thing.</summary>
public sealed class OptionTableTests
{
    // API property, cmdlet parameter, tool option. A dash: that face does not have it, or has it in another row.
    private const string Connection = """
        Relay                       Relay                       --relay
        Token                       Token                       --token
        -                           TokenFile                   --token-file
        CaFile                      CaFile                      --ca-file
        PinnedCertificate           PinnedCertificate           --pinned-certificate
        SkipCertificateCheck        SkipCertificateCheck        --skip-certificate-check
        Proxy                       Proxy                       --proxy
        ProxyCredential             ProxyCredential             --proxy-credential
        ConnectionTimeoutSeconds    ConnectionTimeoutSeconds    --connection-timeout
        """;

    private const string Test = Connection + "\n" + """
        -                           -                           relay
        MeasureSeconds              MeasureSeconds              --measure
        -                           Quiet                       --quiet
        -                           -                           --json
        """;

    private const string Shared = Connection + "\n" + """
        Code                        Code                        --code
        -                           CodeFile                    --code-file
        Encryption                  Encryption                  --encryption
        WaitTimeoutSeconds          WaitTimeoutSeconds          --wait-timeout
        RetryTimeoutSeconds         RetryTimeoutSeconds         --retry-timeout
        SilenceTimeoutSeconds       SilenceTimeoutSeconds       --silence-timeout
        OnEvent                     -                           -
        -                           -                           --json
        -                           -                           --quiet
        -                           -                           --what-if
        """;

    private const string Send = Shared + "\n" + """
        Path                        Path                        path
        -                           LiteralPath                 -
        -                           -                           --files-from
        BasePath                    BasePath                    --base-path
        Include                     Include                     --include
        Exclude                     Exclude                     --exclude
        Links                       Links                       --links
        InputObject                 InputObject                 -
        Name                        Name                        --name
        SenderName                  SenderName                  --sender-name
        EmbeddedRelay               Listen                      --listen
        Compression                 Compression                 --compression
        CompressionCodec            CompressionCodec            --compression-codec
        ChunkSize                   ChunkSize                   --chunk-size
        Hash                        Hash                        --hash
        Streams                     Streams                     --streams
        BandwidthLimit              BandwidthLimit              --bandwidth-limit
        """;

    private const string Receive = Shared + "\n" + """
        Destination                 Destination                 --destination
        -                           -                           destination
        -                           Continuous                  --continuous
        FolderPerSender             FolderPerSender             --folder-per-sender
        DrainTimeoutSeconds         DrainTimeoutSeconds         --drain-timeout
        StallTimeoutSeconds         StallTimeoutSeconds         --stall-timeout
        OnConflict                  OnConflict                  --on-conflict
        Checksum                    Checksum                    --checksum
        WholeFile                   WholeFile                   --whole-file
        ModifyWindowSeconds         ModifyWindowSeconds         --modify-window
        Fsync                       Fsync                       --fsync
        DiscardPartial              DiscardPartial              --discard-partial
        MaxFiles                    MaxFiles                    --max-files
        MaxSize                     MaxSize                     --max-size
        OutputStream                AsByteStream                --stdout
        ConfirmOffer                -                           --yes
        -                           -                           --force-terminal
        -                           Sha256List                  --sha256-list
        """;

    private const string Relay = """
        Listen                      Listen                      --listen
        Certificate                 Certificate                 --certificate
        Key                         Key                         --key
        MetricsListen               MetricsListen               --metrics-listen
        Token                       Token                       --token
        TokenFile                   TokenFile                   --token-file
        AllowedAddresses            AllowedAddresses            --allowed-addresses
        TrustedProxies              TrustedProxies              --trusted-proxies
        ProxyProtocol               ProxyProtocol               --proxy-protocol
        MaxHeadBytes                MaxHeadBytes                --max-head-bytes
        HeadTimeoutSeconds          HeadTimeoutSeconds          --head-timeout
        TlsTimeoutSeconds           TlsTimeoutSeconds           --tls-timeout
        MaxConnections              MaxConnections              --max-connections
        MaxConnectionsPerAddress    MaxConnectionsPerAddress    --max-connections-per-address
        MaxJoinsPerMinutePerAddress MaxJoinsPerMinutePerAddress --max-joins-per-minute-per-address
        MaxJoinsPerMinutePerRoom    MaxJoinsPerMinutePerRoom    --max-joins-per-minute-per-room
        MaxWaitingRooms             MaxWaitingRooms             --max-waiting-rooms
        WaitTimeoutSeconds          WaitTimeoutSeconds          --wait-timeout
        IdleTimeoutSeconds          IdleTimeoutSeconds          --idle-timeout
        SessionTimeoutSeconds       SessionTimeoutSeconds       --session-timeout
        MaxMessageBytes             MaxMessageBytes             --max-message-bytes
        MaxBytesPerSession          MaxBytesPerSession          --max-bytes-per-session
        MaxBytesPerDay              MaxBytesPerDay              --max-bytes-per-day
        MaxRatePerSession           MaxRatePerSession           --max-rate-per-session
        MaxRate                     MaxRate                     --max-rate
        DrainTimeoutSeconds         DrainTimeoutSeconds         --drain-timeout
        ReconnectAfterSeconds       ReconnectAfterSeconds       --reconnect-after
        OnEvent                     -                           --quiet
        -                           LogFormat                   --log-format
        LogAddresses                LogAddresses                --log-addresses
        """;

    [Theory]
    [InlineData(Send, typeof(SendOptions), "SendP2PFileCommand", "send")]
    [InlineData(Receive, typeof(ReceiveOptions), "ReceiveP2PFileCommand", "receive")]
    [InlineData(Relay, typeof(RelayOptions), "StartP2PRelayCommand", "relay")]
    [InlineData(Test, typeof(RelayTestOptions), "TestP2PRelayCommand", "test")]
    public void Every_face_has_exactly_the_options_of_the_table(string table, Type api, string cmdlet, string tool)
    {
        string[][] rows = Rows(table);
        using var metadata = new CmdletMetadata();
        Command command = CommandLine.Create(ToolRun.SilentHost()).Subcommands.Single(c => c.Name == tool);

        Assert.Equal(Column(rows, 0), Sorted(api.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.Name)));
        Assert.Equal(Column(rows, 1), Sorted(metadata.Parameters(cmdlet)));
        Assert.Equal(Column(rows, 2), Sorted(command.Options.Select(o => o.Name).Concat(command.Arguments.Select(a => a.Name))));

        // Where both have it, the tool's name is the parameter's in kebab case, times without Seconds.
        foreach (string[] row in rows.Where(r => r[1] != "-" && r[2].StartsWith("--", StringComparison.Ordinal) && r[1] != "AsByteStream"))
            Assert.Equal(row[2], "--" + Kebab(row[1].EndsWith("Seconds", StringComparison.Ordinal) ? row[1][..^7] : row[1]));
    }

    /// <summary>
    /// Messages are written where no face is known. An option that stands in backticks, as the API has it, is found there by
    /// the tool and the cmdlets, which have it under the name of the table.
    /// </summary>
    [Fact]
    public void Messages_name_options_in_backticks_and_only_those_that_every_face_has()
    {
        string[][] rows = [.. new[] { Send, Receive, Relay, Test }.SelectMany(Rows)];
        HashSet<string> everywhere = [.. rows.Where(r => r[0] == r[1] && r[2].StartsWith("--", StringComparison.Ordinal)).Select(r => r[0])];
        HashSet<string> inOneWord = [.. everywhere.Where(name => name.Count(char.IsUpper) == 1)];
        string[] literals = [.. new[] { "P2PCopy.Core", "Relay" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", folder), "*.cs", SearchOption.AllDirectories))
            .SelectMany(File.ReadLines)
            .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .SelectMany(line => Regex.Matches(line, "\"(?:[^\"\\\\]|\\\\.)*\"").Select(m => Regex.Replace(m.Value, "\\{[^}]*\\}", "0")))];
        string[] named = [.. literals.SelectMany(text => Regex.Matches(text, "`([A-Z]\\w*)").Select(m => m.Groups[1].Value))];
        string[] bare = [.. literals.SelectMany(text => Regex.Matches(text, "(?<!`)\\b[A-Z]\\w+\\b").Select(m => m.Value))];

        Assert.Contains("CaFile", named);
        Assert.DoesNotContain(named, name => !everywhere.Contains(name));
        Assert.DoesNotContain(bare, word => everywhere.Contains(word) && !inOneWord.Contains(word)); // Relay, Key and the like are words, too
    }

    [Theory]
    [InlineData("`CaFile` 'x' could not be read", "--ca-file 'x' could not be read", "-CaFile 'x' could not be read")]
    [InlineData("wait longer (`WaitTimeoutSeconds`)", "wait longer (--wait-timeout)", "wait longer (-WaitTimeoutSeconds)")]
    [InlineData("`Hash Off` needs `Encryption On`: why", "--hash off needs --encryption on: why", "-Hash Off needs -Encryption On: why")]
    [InlineData("as `openssl x509` prints it, in /a`b/C`d", "as `openssl x509` prints it, in /a`b/C`d", "as `openssl x509` prints it, in /a`b/C`d")]
    public void A_message_names_options_as_each_face_has_them(string message, string tool, string cmdlet)
    {
        Assert.Equal(tool, ToolOptionNames.In(message));
        Assert.Equal(cmdlet, OptionNames.Replace(message, option => "-" + option));
    }

    [Theory]
    [InlineData(typeof(P2PEncryption), typeof(PayloadEncryption))]
    [InlineData(typeof(P2PLinkPolicy), typeof(LinkPolicy))]
    [InlineData(typeof(P2PCompression), typeof(PayloadCompression))]
    [InlineData(typeof(P2PCompressionCodec), typeof(CompressionCodec))]
    [InlineData(typeof(P2PHash), typeof(HashMode))]
    [InlineData(typeof(P2PConflictPolicy), typeof(ConflictPolicy))]
    [InlineData(typeof(P2PFileStatus), typeof(FileStatus))]
    [InlineData(typeof(P2PLogFormat), typeof(RelayLogFormat))]
    public void Choices_of_the_cmdlets_are_those_of_the_API_in_name_and_number(Type cmdlet, Type api)
    {
        Assert.Equal(Enum.GetNames(api), Enum.GetNames(cmdlet));
        Assert.Equal(Enum.GetValuesAsUnderlyingType(api).Cast<int>(), Enum.GetValuesAsUnderlyingType(cmdlet).Cast<int>());
    }

    [Fact]
    public void No_property_of_a_public_type_of_the_cmdlets_is_of_a_type_that_import_cannot_find()
    {
        using var metadata = new CmdletMetadata();
        string[] scopes = [.. metadata.PublicTypes().SelectMany(metadata.PropertyTypeScopes).Distinct()];
        Assert.Contains("System.Management.Automation", scopes);
        Assert.DoesNotContain(scopes, s => s.StartsWith("P2PCopy", StringComparison.Ordinal));
    }

    private static string[][] Rows(string table)
        => [.. table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    private static string[] Column(string[][] rows, int column) => Sorted(rows.Select(r => r[column]).Where(n => n != "-"));

    private static string[] Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];

    private static string Kebab(string name)
        => string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? "-" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
}
