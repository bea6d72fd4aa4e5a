using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using P2PCopy.Session.Crypto;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

public sealed class CPaceTests
{
    private static readonly JsonElement Vectors = VectorFile.Read("cpace-p256.json");

    [Fact]
    public void Length_value_concatenation_is_that_of_the_draft()
    {
        foreach (JsonElement vector in Vectors.GetProperty("prependLen").EnumerateArray())
            Assert.Equal(vector.Text("out"), Hex(LengthValue.Concat(vector.Bytes("in"))));
        JsonElement cat = Vectors.GetProperty("lvCat");
        byte[][] parts = [.. cat.GetProperty("in").EnumerateArray().Select(VectorFile.Bytes)];
        Assert.Equal(cat.Text("out"), Hex(LengthValue.Concat(parts)));
        Assert.Equal("808001", Hex(LengthValue.Concat(new byte[16384]))[..6]);
    }

    [Fact]
    public void The_generator_is_that_of_the_draft()
    {
        byte[] prs = Vectors.Bytes("prs"), ci = Vectors.Bytes("ci"), sid = Vectors.Bytes("sid");
        Assert.Equal(Vectors.Text("generatorString"), Hex(CPace.GeneratorString(prs, ci, sid)));
        Assert.Equal(Vectors.Text("g"), Hex(CPace.Generator(prs, ci, sid)));
    }

    [Fact]
    public void The_shares_are_those_of_the_draft_up_to_the_sign_of_y()
    {
        using CPace a = Start("ya"), b = Start("yb");
        Assert.Equal(Vectors.Text("Ya")[..66], Hex(a.Share)[..66]);
        Assert.Equal(Vectors.Text("Yb")[..66], Hex(b.Share)[..66]);
        Assert.Equal(0, a.Share[^1] & 1);
        Assert.Equal(0, b.Share[^1] & 1);
        Assert.Contains(Hex(a.Share), BothSigns(Vectors.Bytes("Ya")));
        Assert.Contains(Hex(b.Share), BothSigns(Vectors.Bytes("Yb")));
    }

    [Fact]
    public void The_key_is_that_of_the_draft_when_both_shares_have_the_sign_of_the_draft()
    {
        // The draft's Ya has an even y (its last byte is 36) and is what we send; its Yb is odd, and arrives as it stands.
        using CPace a = Start("ya");
        Assert.Equal(Vectors.Text("Ya"), Hex(a.Share));
        Assert.True(a.TryFinish(Vectors.Bytes("Yb"), Vectors.Bytes("ada"), Vectors.Bytes("adb"), initiator: true, out byte[] key));
        Assert.Equal(Vectors.Text("isk"), Hex(key));
    }

    [Fact]
    public void The_common_secret_does_not_depend_on_the_sign_of_a_share()
    {
        JsonElement vector = Vectors.GetProperty("scalarMult");
        using ECDiffieHellman scalar = Scalar(vector.Bytes("s"));
        foreach (string point in BothSigns(vector.Bytes("X")))
        {
            using ECDiffieHellman peer = P256.ToPublicKey(Convert.FromHexString(point));
            Assert.Equal(vector.Text("x"), Hex(scalar.DeriveRawSecretAgreement(peer.PublicKey)));
        }
    }

    [Fact]
    public void Both_sides_with_one_password_get_one_key_and_a_new_one_each_time()
    {
        byte[] first = Agree("password"u8, "password"u8);
        byte[] second = Agree("password"u8, "password"u8);
        Assert.Equal(32, first.Length);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Another_password_channel_session_or_data_gives_another_key()
    {
        using CPace a = CPace.Start([1], [2], [3]);
        (byte[] Password, byte[] Channel, byte[] Session, byte[] Data)[] others =
            [([9], [2], [3], [4]), ([1], [9], [3], [4]), ([1], [2], [9], [4]), ([1], [2], [3], [9])];
        foreach (var other in others)
        {
            using CPace b = CPace.Start(other.Password, other.Channel, other.Session);
            Assert.True(a.TryFinish(b.Share, [4], [5], initiator: true, out byte[] keyA));
            Assert.True(b.TryFinish(a.Share, [5], other.Data, initiator: false, out byte[] keyB));
            Assert.NotEqual(keyA, keyB);
        }
    }

    [Fact]
    public void A_reflected_share_gives_no_common_key()
    {
        using CPace a = CPace.Start([1], [2], [3]);
        using CPace b = CPace.Start([1], [2], [3]);
        Assert.True(a.TryFinish(a.Share, [4], [5], initiator: true, out byte[] reflected));
        Assert.True(b.TryFinish(a.Share, [5], [4], initiator: false, out byte[] key));
        Assert.NotEqual(reflected, key);
    }

    [Fact]
    public void A_password_of_any_length_works()
    {
        foreach (int length in (int[])[0, 1, 30, 31, 32, 33, 127, 128, 1000])
        {
            byte[] password = new byte[length];
            Agree(password, password);
        }
    }

    [Fact]
    public void The_invalid_points_of_the_draft_are_refused()
    {
        using CPace a = Start("ya");
        foreach (JsonElement point in Vectors.GetProperty("invalid").EnumerateArray())
            AssertRefused(a, point.Bytes());
    }

    [Fact]
    public void Whatever_is_no_point_of_the_curve_in_its_one_encoding_is_refused()
    {
        using CPace a = Start("ya");
        byte[] good = Vectors.Bytes("Yb");
        Assert.True(a.TryFinish(good, [], [], true, out _));

        AssertRefused(a, []);
        AssertRefused(a, good[..64]);
        AssertRefused(a, [.. good, 0]);
        AssertRefused(a, [.. good[..33].Select((b, i) => i == 0 ? (byte)(2 + (good[64] & 1)) : b)]);
        AssertRefused(a, new byte[65]);
        foreach (byte prefix in (byte[])[0, 2, 3, 5, 6, 7, 0xff])
            AssertRefused(a, [prefix, .. good[1..]]);
        for (int i = 1; i < 65; i++)
        {
            byte[] changed = [.. good];
            changed[i] ^= 1;
            AssertRefused(a, changed);
        }
    }

    [Fact]
    public void A_coordinate_not_below_p_is_refused_even_when_its_remainder_is_right()
    {
        // A small x, so that x + p still fits 32 bytes.
        BigInteger x = 0, y;
        while (!P256.TrySquareRoot(P256.CurveEquation(x), out y))
            x++;
        using CPace a = Start("ya");
        Assert.True(a.TryFinish(P256.Encode(x, y), [], [], true, out _));
        AssertRefused(a, P256.Encode(x + P256.P, y));
    }

    private static void AssertRefused(CPace run, byte[] share)
    {
        Assert.False(run.TryFinish(share, [], [], initiator: true, out byte[] key));
        Assert.Empty(key);
    }

    private static byte[] Agree(ReadOnlySpan<byte> passwordA, ReadOnlySpan<byte> passwordB)
    {
        using CPace a = CPace.Start(passwordA.ToArray(), [2], [3]);
        using CPace b = CPace.Start(passwordB.ToArray(), [2], [3]);
        Assert.True(a.TryFinish(b.Share, [4], [5], initiator: true, out byte[] keyA));
        Assert.True(b.TryFinish(a.Share, [5], [4], initiator: false, out byte[] keyB));
        Assert.Equal(keyA, keyB);
        return keyA;
    }

    private static CPace Start(string scalar)
        => CPace.Start(Vectors.Bytes("prs"), Vectors.Bytes("ci"), Vectors.Bytes("sid"), Scalar(Vectors.Bytes(scalar)));

    private static ECDiffieHellman Scalar(byte[] d)
        => P256.ToKey(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });

    private static string[] BothSigns(byte[] point)
        => [Hex(point), Hex(P256.Encode(P256.Read(point.AsSpan(1, 32)), P256.P - P256.Read(point.AsSpan(33, 32))))];

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
