using System.Net;
using System.Reflection;

namespace P2PCopy.Tests.Unit.Primitives;

public sealed class SecretTests
{
    private const string Text = "correct-horse-battery";

    [Fact]
    public void A_secret_prints_as_dots_and_is_revealed_only_on_request()
    {
        Secret secret = Text;

        Assert.Equal("•••", $"{secret}");
        Assert.Equal(Text, secret.Reveal());
        Assert.Equal(new Secret(Text), secret);
        Assert.NotEqual(new Secret("other"), secret);
    }

    /// <summary>Every secret of the API is set to a text that must not be in what any public type prints.</summary>
    [Fact]
    public void No_public_type_prints_a_secret()
    {
        var code = PairingCode.Parse("route1-" + Text);
        var credential = new NetworkCredential("user", Text);
        object[] values =
        [
            code, credential, new Secret(Text),
            new SendOptions { Code = code, Token = Text, ProxyCredential = credential },
            new ReceiveOptions { Code = code, Token = Text, ProxyCredential = credential },
            new RelayTestOptions { Relay = new Uri("ws://relay.example"), Token = Text, ProxyCredential = credential },
            new RelayOptions { Token = Text },
            new TransferEvent.CodeGenerated(code),
        ];
        Assert.All(values, value => Assert.DoesNotContain(Text, value.ToString()!, StringComparison.Ordinal));
    }

    /// <summary>What prints as it is (text, and records with such properties) has no property that is named like a secret.</summary>
    [Fact]
    public void No_public_type_has_a_secret_as_text()
    {
        string[] secret = ["Code", "Token", "Secret", "Password", "Key"];
        IEnumerable<string> wrong = from assembly in new[] { typeof(P2PTransfer).Assembly, typeof(RelayServer).Assembly }
                                    from type in assembly.GetExportedTypes()
                                    from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
                                    where property.PropertyType == typeof(string) && secret.Contains(property.Name)
                                    select $"{type.Name}.{property.Name}";

        Assert.Equal(["RelayOptions.Key"], wrong); // the path of a file
    }
}
