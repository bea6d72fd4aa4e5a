using System.Text;
using System.Text.Json;
using P2PCopy.Session.Crypto;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

public sealed class HashToCurveTests
{
    [Fact]
    public void Every_vector_of_RFC_9380_for_P256_SSWU_NU_is_met()
    {
        JsonElement file = VectorFile.Read("rfc9380-p256.json");
        byte[] domain = Encoding.ASCII.GetBytes(file.Text("dst"));
        Assert.Equal(5, file.GetProperty("vectors").GetArrayLength());
        foreach (JsonElement vector in file.GetProperty("vectors").EnumerateArray())
        {
            byte[] message = Encoding.ASCII.GetBytes(vector.Text("msg"));
            Assert.Equal(P256.Hex(vector.Text("u")), HashToCurve.HashToField(message, domain));
            var (x, y) = HashToCurve.Encode(message, domain);
            Assert.Equal(P256.Hex(vector.Text("x")), x);
            Assert.Equal(P256.Hex(vector.Text("y")), y);
        }
    }

    [Fact]
    public void The_exceptional_element_zero_maps_to_a_point_of_the_curve()
    {
        var (x, y) = HashToCurve.MapToCurve(0);
        Assert.True(P256.IsValid(P256.Encode(x, y)));
        Assert.True(y.IsEven);
    }

    [Fact]
    public void Every_message_maps_to_a_point_of_the_curve()
    {
        for (int i = 0; i < 200; i++)
        {
            var (x, y) = HashToCurve.Encode(BitConverter.GetBytes(i), "test"u8);
            Assert.True(P256.IsValid(P256.Encode(x, y)));
        }
    }

    [Fact]
    public void Expansion_goes_on_beyond_one_hash_and_is_bounded()
    {
        byte[] longer = new byte[200];
        HashToCurve.ExpandMessage("abc"u8, "test"u8, longer);
        Assert.Equal(200, longer.Chunk(32).Sum(block => block.Length));
        Assert.Equal(7, longer.Chunk(32).Select(Convert.ToHexString).Distinct().Count());
        Assert.Throws<ArgumentException>(() => HashToCurve.ExpandMessage([], new byte[256], new byte[1]));
        Assert.Throws<ArgumentException>(() => HashToCurve.ExpandMessage([], [1], new byte[8161]));
    }
}
