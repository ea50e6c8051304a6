using Microsoft.AspNetCore.Http;

namespace Signalbox.Runtime.Edge;

/// <summary>The id that a request is known by: the caller's <c>X-Request-ID</c>, or 32 characters drawn here.</summary>
internal static class TransactionId
{
    public const string Header = "X-Request-ID";

    private const int LengthMax = 256;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Adopts or draws the id, and puts it on the response.</summary>
    public static string Assign(HttpContext context)
    {
        var given = context.Request.Headers[Header].ToString();
        var id = IsUsable(given) ? given : Draw();
        context.Response.Headers[Header] = id;
        return id;
    }

    /// <summary>A name and no secret: that some characters are a little likelier than others does not matter.</summary>
    public static string Draw() => string.Create(32, 0, static (text, _) =>
    {
        Span<byte> random = stackalloc byte[text.Length];
        RandomBytes.Fill(random);
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = Alphabet[random[i] % Alphabet.Length];
        }
    });

    private static bool IsUsable(string given) =>
        given.Length is > 0 and <= LengthMax
        && !given.StartsWith("sid_", StringComparison.Ordinal)
        && given.AsSpan().IndexOfAnyExceptInRange('\x21', '\x7e') < 0;
}
