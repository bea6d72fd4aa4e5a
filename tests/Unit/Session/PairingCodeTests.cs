using P2PCopy.Session.Pairing;

namespace P2PCopy.Tests.Unit.Session;

public sealed class PairingCodeTests
{
    [Theory]
    [InlineData("7k3m9q-amber-violin-canoe", "7k3m9q", "amber-violin-canoe")]
    [InlineData("  lab-sEcret \r\n", "lab", "sEcret")]
    [InlineData("LAB-sEcret", "lab", "sEcret")]
    [InlineData("abcdefgh", "abcd", "efgh")]
    [InlineData("ABCDefGH", "abcd", "efGH")]
    [InlineData("x-1234567", "x", "1234567")]
    [InlineData("abc--def-", "abc", "-def-")]
    public void The_route_ends_at_the_first_dash_or_after_four_characters(string typed, string route, string secret)
    {
        PairingCode code = PairingCode.Parse(typed);
        Assert.Equal(route, code.Route);
        Assert.Equal(secret, code.Secret);
    }

    [Theory]
    [InlineData("7K3M9Q-AMBER-Violin-canoe")]
    [InlineData("7k3m9q amber violin canoe")]
    [InlineData(" 7k3m9q_amber _ violin\u00a0canoe\r\n")]
    [InlineData("7k3m9q\u2013amber\u2014violin\u2212canoe")] // en dash, em dash, minus
    [InlineData("7k3m9q \u2010 amber--violin \u2011 canoe")] // hyphen, non-breaking hyphen
    [InlineData("\"7k3m9q-amber-violin-canoe\"")]
    [InlineData("\u201e7k3m9q-amber-violin-canoe\u201c")]
    [InlineData("\u00ab7k3m9q-amber-violin-canoe\u00bb")]
    [InlineData("'7k3m9q-amber-violin-canoe\u2019")]
    [InlineData("\ufeff7k3m9q-am\u200bber-vio\u00adlin-canoe\u200d")] // byte order mark, zero-width space, soft hyphen, joiner
    [InlineData("-7k3m9q-amber-violin-canoe-")]
    public void A_generated_code_is_accepted_as_people_type_and_paste_it(string typed)
    {
        PairingCode code = PairingCode.Parse(typed);
        Assert.Equal("7k3m9q-amber-violin-canoe", code.Reveal());
        Assert.Equal(("7k3m9q", "amber-violin-canoe"), (code.Route, code.Secret));
    }

    [Fact]
    public void Letters_that_look_like_digits_are_read_as_digits_in_a_generated_route()
        => Assert.Equal("011019-amber-violin-canoe", PairingCode.Parse("OlI0l9-amber-violin-canoe").Reveal());

    [Theory]
    [InlineData("7k3m9q-ambe-velv-cano")]
    [InlineData("7k3m9q ambe velve canoe")]
    [InlineData("7k3m9qambevelvcano")]
    [InlineData("7K3M9QAmberVelvetCanoe")]
    [InlineData("7k3m9qambervelvcanoe")]
    [InlineData("7K3M9Q-AM8ER-VE1VET-CAN0E", false)] // 8 looks like no letter of the list's words
    [InlineData("7k3m9q-amber-ve1vet-can0e")]
    [InlineData("7k3m9q-amber-v3lvet-canoe", false)]
    public void A_word_of_the_list_may_be_cut_after_four_letters_and_have_digits_that_look_like_its_letters(string typed, bool isRead = true)
        => Assert.Equal(isRead, PairingCode.Parse(typed).Reveal() == "7k3m9q-amber-velvet-canoe");

    [Theory]
    [InlineData("7k3m9q-amber-velvte-canoe", 2)]
    [InlineData("7k3m9q-ambr-velvet-canoe", 1)]
    [InlineData("7k3m9q-amber-velvet-canoes", 3)]
    [InlineData("7k3m9q-amber-velvot-canoe", 2)]
    public void A_misspelled_word_of_a_generated_code_is_refused_at_once(string typed, int word)
        => Assert.StartsWith($"word {word} after the first dash is misspelled", PairingCode.Validate(typed, out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("office-correct-horse-battery")] // one word that resembles none of the list
    [InlineData("7k3m9q-velvte-ambre-zzzz")]
    public void A_chosen_code_with_words_of_its_own_is_taken_as_it_is(string typed)
        => Assert.Null(PairingCode.Validate(typed, out _));

    [Fact]
    public void Codes_with_the_same_route_meet_in_the_same_room_whatever_their_secrets_are()
        => Assert.Equal(PairingCode.Parse("exampl-acorn-bamboo-cactus").RoomName, PairingCode.Parse("exampl-another-one").RoomName);

    [Theory]
    [InlineData("Lab-Amber-Violin-Canoe", "Amber-Violin-Canoe")] // a route of another length
    [InlineData("7k3m9q-Amber-Violin", "Amber-Violin")] // two words
    [InlineData("7k3m9q-Amber-Violin-Canoe1", "Amber-Violin-Canoe1")] // a digit
    [InlineData("7k3m9q-Amber-Violin-Can", "Amber-Violin-Can")] // a word of three letters
    [InlineData("7k3m9u-Amber-Violin-Canoe", "Amber-Violin-Canoe")] // u is in no generated route
    [InlineData("7k3m9q-\"Amber\"-Viol\u00efn-Canoe", "\"Amber\"-Viol\u00efn-Canoe")]
    public void A_code_of_another_form_is_taken_as_it_is(string typed, string secret)
        => Assert.Equal(secret, PairingCode.Parse(typed).Secret);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("abcdefg")]
    [InlineData("abcdefgh-123")]
    [InlineData("abcdefghijk-")]
    [InlineData("-abcdefgh")]
    [InlineData("abc\u0007-defgh")]
    [InlineData("abc\ud83d\ude00defg")]
    public void A_code_that_cannot_work_is_refused_with_a_sentence_that_does_not_hold_it(string typed)
    {
        var error = Assert.Throws<P2PException>(() => PairingCode.Parse(typed));
        Assert.Equal(P2PErrorCode.InvalidOption, error.Code);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        if (typed.Trim().Length > 0)
            Assert.DoesNotContain(typed.Trim(), error.Message, StringComparison.Ordinal);
        Assert.NotNull(PairingCode.Validate(typed, out PairingCode? code));
        Assert.Null(code);
    }

    [Fact]
    public void Half_of_a_character_pair_is_refused()
    {
        Assert.NotNull(PairingCode.Validate("abc-def\ud800gh", out _));
        Assert.NotNull(PairingCode.Validate("abc-def\ufffegh", out _));
        Assert.NotNull(PairingCode.Validate("abc-defgh\udc00", out _));
    }

    [Fact]
    public void A_code_of_more_than_256_characters_is_refused()
    {
        Assert.Null(PairingCode.Validate("route-" + new string('s', 250), out _));
        Assert.NotNull(PairingCode.Validate("route-" + new string('s', 251), out _));
        Assert.NotNull(PairingCode.Validate(null, out _));
    }

    [Fact]
    public void Two_spellings_of_a_letter_are_one_code_or_an_error_but_never_two_codes()
    {
        PairingCode composed = PairingCode.Parse("caf\u00e9-cr\u00e8me");
        string? problem = PairingCode.Validate("cafe\u0301-cre\u0300me", out PairingCode? decomposed);
        if (problem is null)
        {
            Assert.Equal(composed.RoomName, decomposed!.RoomName);
            Assert.Equal(composed.Secret, decomposed.Secret);
        }
    }

    [Fact]
    public void Text_made_of_a_code_does_not_tell_the_secret()
    {
        PairingCode code = PairingCode.Parse("lab-topsecret");
        Assert.Equal("lab-***", code.ToString());
        Assert.Equal("lab-***", $"{code}");
        Assert.Equal("lab-topsecret", code.Reveal());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_generated_code_is_a_route_of_six_characters_and_words_of_the_list(int words)
    {
        PairingCode code = PairingCode.Generate(words);
        Assert.Matches("^[0-9abcdefghjkmnpqrstvwxyz]{6}$", code.Route);
        string[] parts = code.Secret.Split('-');
        Assert.Equal(words, parts.Length);
        Assert.All(parts, word => Assert.True(PairingWords.All.Contains(word)));
        PairingCode again = PairingCode.Parse(code.Reveal());
        Assert.Equal((code.Route, code.Secret), (again.Route, again.Secret));
    }

    [Fact]
    public void Generated_codes_use_the_whole_list_and_do_not_repeat()
    {
        var codes = new HashSet<string>();
        var words = new HashSet<string>();
        for (int i = 0; i < 5000; i++)
        {
            PairingCode code = PairingCode.Generate();
            Assert.True(codes.Add(code.Reveal()));
            words.UnionWith(code.Secret.Split('-'));
        }

        // 15,000 draws miss one given word of 1024 with probability 4e-7.
        Assert.Equal(1024, words.Count);
    }

    [Fact]
    public void A_code_has_no_fewer_than_three_words()
        => Assert.Throws<ArgumentOutOfRangeException>(() => PairingCode.Generate(2));

    [Fact]
    public void The_list_has_1024_words_each_named_by_its_first_four_letters()
    {
        string[] words = PairingWords.All.ToArray();
        Assert.Equal(1024, words.Length);
        Assert.Equal(words.Order(StringComparer.Ordinal), words);
        Assert.All(words, word => Assert.Matches("^[a-z]{4,7}$", word));
        Assert.Equal(1024, words.Select(word => word[..4]).Distinct().Count());
    }

    [Fact]
    public void No_two_words_differ_by_one_letter_only()
    {
        string[] words = PairingWords.All.ToArray();
        var close = from a in words
                    from b in words
                    where string.CompareOrdinal(a, b) < 0 && a.Length == b.Length && a.Zip(b).Count(p => p.First != p.Second) < 2
                    select (a, b);
        Assert.Empty(close);
    }

    [Fact]
    public void Words_are_completed_after_the_last_dash()
    {
        Assert.Equal(["7k-violin-volcano", "7k-violin-volley", "7k-violin-volume"], PairingCode.Complete("7k-violin-vol"));
        Assert.Equal(["7k-violin-volcano", "7k-violin-volley", "7k-violin-volume"], PairingCode.Complete("7k-violin-VOL"));
        Assert.Equal(1024, PairingCode.Complete("7k-").Count);
        Assert.Empty(PairingCode.Complete("7k"));
        Assert.Empty(PairingCode.Complete("7k-zzz"));
        Assert.Empty(PairingCode.Complete("-"));
    }

    [Fact]
    public void The_room_depends_on_the_route_alone_and_tells_nothing_of_the_secret()
    {
        Assert.Equal(PairingCode.Parse("lab-one-one").RoomName, PairingCode.Parse("LAB-two-two").RoomName);
        Assert.NotEqual(PairingCode.Parse("lab-one-one").RoomName, PairingCode.Parse("lac-one-one").RoomName);
        Assert.Matches("^[A-Za-z0-9_-]{22}$", PairingCode.Parse("lab-one-one").RoomName);
    }
}
