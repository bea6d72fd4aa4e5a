using System.Text.Json;

namespace P2PCopy.Tests.Testing;

/// <summary>Known answers from a file under <c>Vectors/</c>.</summary>
internal static class VectorFile
{
    public static JsonElement Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", name)));
        return document.RootElement.Clone();
    }

    public static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString()!;

    public static byte[] Bytes(this JsonElement element, string member) => Convert.FromHexString(element.Text(member));

    public static byte[] Bytes(this JsonElement element) => Convert.FromHexString(element.GetString()!);
}
