namespace P2PCopy.Session.Pairing;

/// <summary>
/// The 1024 words of generated codes, sorted. The first four letters identify a word. No two words differ by only one
/// letter, so a misheard or mistyped word is rarely another word of the list.
/// </summary>
internal static class PairingWords
{
    private const int IdentifyingLetters = 4;

    private static readonly Lazy<string[]> Words = new(() => Text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>All words, in ordinal order: ten bits each.</summary>
    public static ReadOnlySpan<string> All => Words.Value;

    /// <summary>
    /// The word of the list that a typed one stands for: the word itself, its first letters (four identify it), or the word
    /// with digits in place of the letters that look like them. Null if there is none.
    /// </summary>
    /// <param name="typed">Letters in lower case and digits.</param>
    public static string? Read(string typed)
    {
        string letters = typed.Replace('0', 'o').Replace('5', 's');
        return Find(letters.Replace('1', 'l')) ?? Find(letters.Replace('1', 'i'));
    }

    /// <summary>Whether a word of the list becomes this text by one edit: a letter more, less, changed, or swapped with its neighbour.</summary>
    public static bool IsMisspelled(string typed)
    {
        foreach (string word in All)
        {
            int start = typed.AsSpan().CommonPrefixLength(word);
            ReadOnlySpan<char> rest = typed.AsSpan(start);
            ReadOnlySpan<char> restOfWord = word.AsSpan(start);
            bool isOneEdit = (rest.Length - restOfWord.Length) switch
            {
                1 => rest[1..].SequenceEqual(restOfWord),
                -1 => restOfWord[1..].SequenceEqual(rest),
                0 when rest.Length > 0 => rest[1..].SequenceEqual(restOfWord[1..])
                    || (rest.Length > 1 && rest[0] == restOfWord[1] && rest[1] == restOfWord[0] && rest[2..].SequenceEqual(restOfWord[2..])),
                _ => false,
            };
            if (isOneEdit)
                return true;
        }

        return false;
    }

    /// <summary>
    /// The words of a text that has no separators: each is a word of the list or its first four or more letters. Null if the text can
    /// be read in no way or in several.
    /// </summary>
    /// <param name="typed">Letters in lower case and digits.</param>
    /// <param name="most">Limit for the number of words.</param>
    public static IReadOnlyList<string>? Split(string typed, int most)
    {
        List<string>? only = null;
        bool isUnique = true;
        Read(typed, []);
        return isUnique ? only : null;

        void Read(string rest, List<string> words)
        {
            if (rest.Length == 0)
            {
                isUnique = only is null;
                only = words;
            }

            if (rest.Length < IdentifyingLetters || words.Count == most || PairingWords.Read(rest[..IdentifyingLetters]) is not { } word)
                return;
            for (int length = IdentifyingLetters; length <= Math.Min(word.Length, rest.Length) && PairingWords.Read(rest[..length]) == word && isUnique; length++)
                Read(rest[length..], [.. words, word]);
        }
    }

    private static string? Find(string beginning)
    {
        int at = All.BinarySearch(beginning, StringComparer.Ordinal);
        if (at >= 0)
            return All[at];
        return beginning.Length >= IdentifyingLetters && ~at < All.Length && All[~at].StartsWith(beginning, StringComparison.Ordinal) ? All[~at] : null;
    }

    private const string Text = """
        acorn action adapt adult advice aerial airport aisle alarm album algae alley almond alpha alpine amber ample anchor
        angle animal annual answer antler anvil april apron arctic arena armor arrow artist ascent aspen athlete atlas atom
        attic auburn audio august aunt author autumn avenue avocado awake award axis azure bacon badge bagel baker balcony
        bamboo banana banjo banner barley barrel basil basket battery bazaar beach beard beaver bedroom beetle beige bell
        berry better bicycle bigger binder birch biscuit bison blanket blend blink block bloom blue boat body bonfire book
        borrow bottle bounce bowl brain brave bread breeze brick bright bring bronze brother brush bubble bucket budget
        buffalo build bumper bundle bunny burger buyer buzzer cabin cable cactus cake calm camel camp canal candle canoe
        canvas canyon carbon card carpet carrot cash castle cavern cedar celery cello cement center chain chalk charm chase
        cheese cherry chess chief chord chunk cider cinema circle citrus city civic clam clear clever client cliff climb
        cloud coach coast cocoa coin comet coral cork cover craft crane cream creek crisp crop crown cube curve cycle daily
        dance danish daring dashing data dawn dazzle deal decide deck deep delta denim dense dentist depot depth desert
        design detail develop diagram diamond diary diesel diet differ digital dinner direct dish distant doctor doll
        dolphin domain domino donkey donut door double dough dove dozen dragon drama draw dress drift drill drink drive
        drum dune dust dynamo eager eagle early earth easel easy echo eclipse editor elastic elbow elder elegant elite
        emblem emerald empty enamel energy engine enjoy entry epic equal eraser escort essay estate evening example exhibit
        exit exotic expand express extra fabric face factory fair falcon family famous fancy fantasy farm fashion father
        favor fence fern fetch fiber fiction field fiesta figure film filter final finch finger finish fiscal five fixture
        flag flame flannel flash fleet flint float fluid flute foam focus foil folder follow food forest formal fort forum
        fossil found freedom fresh friend frog front fruit furnace fuse future gadget galaxy gallery game garage garden
        garlic gazelle gecko general gentle genuine geology geyser giant gift giraffe glacier glad glance glass glide globe
        glory glow goal goblet gold gondola goose gopher gourmet grace gravel green grid grocery ground grove guard guess
        guitar gulf guru gypsum habit hairy half hamlet hammer hand hangar happy harbor hardy harmony harp harvest hawk
        hazel head health heart heather hedge height helium helmet help herald herb hickory hidden high hiker hill hinge
        hippo history hobby hockey holiday home honey horizon horse host hotel huge human humble hundred hunter hurdle
        husky hybrid hydrant icicle icon idea igloo image impact import improve impulse include index indigo indoor inform
        initial inland inlet input insect inside instant intact invent invite iris item ivory jacket jaguar january jasmine
        javelin jazz jeans jelly jersey jewel jigsaw jogger joke journey judge juggle juice july jumbo jump junior jupiter
        kayak keen keeper kernel ketchup kettle kidney kind kiosk kitchen kite kiwi knee knob koala label ladder lady
        lagoon lane lantern laptop large laser lasso last latch latin laugh lava leader leaf league learn lecture left
        legend lemon length lentil leopard lesson level liberty library light lilac lily lime limit linen lion liquid liter
        little lively lizard llama lobster local locket lodge lofty logic logo long loop lotus lounge lucky lumber lunar
        lunch luxury lyric machine magnet magpie major mallet mammal mango manual maple marble march margin market mascot
        mask master math matrix maze meadow measure medium meet mellow melody member memory mention menu merge merit mesh
        message method metro middle mild mimic mineral minor mint minute mirror mitten mixer mobile model module moment
        monday monitor month moon morning mosaic moss mother motor mouse movie muffin mule museum music mutual napkin
        nation nature navy near nebula nectar needle neon nephew neptune nerve nest network neutral nickel nimble nine
        noble noise nomad noodle north notable note nothing notice novel nozzle nurse nutmeg nylon oasis object oboe
        observe obtain ocean october offer office olive olympic omega omelet once onion online opal open opera opinion
        option orbit orchard order organ origin osprey ostrich otter outdoor outline owner oxygen oyster ozone pacific
        paddle page panda panel papaya paper parade parcel park pasta patio patrol pause peanut pearl pebble pecan pencil
        people pepper permit person phone photo phrase piano picnic piece pigeon pillow pilot pipe pitch pixel pizza place
        plain planet plaza plenty plum podium poem point polar pollen polo pond porch portal potato powder pretty price
        prism proof proud pulley pulse pupil puppet purple push puzzle quality quantum quarter queen quest quick quiet
        quill quince quiver quiz quota rabbit raccoon racer radar radio rail rainbow raisin rally ranch random range rapid
        rare raven ravine razor recipe reef relax relief remark report rescue reward rhythm ribbon rich ridge ripple rise
        ritual river robin robot rodeo roller romance room rooster rope rotate royal rubber rudder rugby runner rural
        russet rustic safari salad salon salt salute saturn sauce save scarf school score scout seat shade sheep shelf
        shift shine ship shoe side silk siren skill skirt slate slice slim slope small smart smile snack snail snow soap
        sock sofa solid solve sonar sonic south space speak speed spoon sport squid staff stage stamp star steam step stick
        stone straw style sugar suit surf swan swing syrup tackle taco talent talk tape target tart taste taxi teacher
        teapot teddy temple tennis tent terrace theater thick thread thrive throne thumb thunder thyme ticket tidy tiger
        timber tiptoe tissue titan title today token tomato tool topaz topic tornado toucan tourist tower town track trade
        traffic tree trip trolley trophy trumpet tuba tulip tundra tunnel turkey turn turtle tutor tuxedo twelve twenty
        twice twig twist ultra uncle unicorn uniform unlock update upgrade upper upright uranus urban vacant vacuum valid
        value vanilla vapor variety vault vector vehicle velvet venture venus vessel veteran vibrant victory video view
        viking villa vintage vinyl virtual visit visual vivid voice volcano volley volume vortex voyage wafer wagon waist
        waiter walnut walrus waltz wander wedding weekend welcome wheat wheel whisper white widget width winter wire wisdom
        wolf world wrap wreath yarn yeast yoga yogurt young yoyo zebra zenith zephyr zero zigzag zinc zipper zodiac
        """;
}
