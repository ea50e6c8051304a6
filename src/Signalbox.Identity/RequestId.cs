using Microsoft.AspNetCore.Http;

namespace Signalbox.Identity;

/// <summary>
/// The id that a request is known by: in the header <c>x-request-id</c> of its answer, in error bodies and in the log.
/// A caller may choose it by sending the header.
/// </summary>
public static class RequestId
{
    public const string Header = "x-request-id";

    private const int LengthMax = 128;

    private static readonly System.Buffers.SearchValues<char> _allowed = System.Buffers.SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/+=@");

    /// <summary>Adopts the caller's id when it can stand in a log line as it is, else draws one; puts it on the answer.</summary>
    public static string Assign(HttpContext context)
    {
        var id = context.Request.Headers[Header] is [{ Length: > 0 and <= LengthMax } given] && given.AsSpan().IndexOfAnyExcept(_allowed) < 0
            ? given
            : Guid.NewGuid().ToString("N");
        context.TraceIdentifier = id;
        context.Response.Headers[Header] = id;
        return id;
    }

    /// <summary>Puts the id back on an answer whose headers were taken away, as they are before an error is written.</summary>
    public static string Restore(HttpContext context)
    {
        context.Response.Headers[Header] = context.TraceIdentifier;
        return context.TraceIdentifier;
    }

    /// <summary>The id that the answer carries; where nobody has assigned one, now.</summary>
    public static string Of(HttpContext context) =>
        context.Response.Headers[Header] is [{ Length: > 0 } assigned] ? assigned : Assign(context);
}
