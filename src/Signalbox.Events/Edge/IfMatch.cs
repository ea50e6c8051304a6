using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Signalbox.Events.Edge;

/// <summary>
/// The condition of an edit: the <c>ETag</c> of what its author saw (RFC 9110, section 13.1.1). Without the header every edit
/// passes, as clients expect that know of no versions.
/// </summary>
/// <param name="Tags">Tags that pass, with their quotes; null: every state passes.</param>
internal sealed record IfMatch(IReadOnlyList<string>? Tags)
{
    public static readonly IfMatch Any = new((IReadOnlyList<string>?)null);

    /// <summary>Passes exactly one state.</summary>
    public static IfMatch Exactly(string tag) => new([tag]);

    public static Outcome<IfMatch> Parse(HttpContext context)
    {
        var header = context.Request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return Any;
        }

        if (!EntityTagHeaderValue.TryParseStrictList([.. header.OfType<string>()], out var tags))
        {
            return ApiRefusal.BadRequest(
                $"The header 'If-Match' is '{FieldChecks.Shown(header.ToString())}', which is no ETag. Send the ETag that a GET of this resource gave, with its quotes, or '*'.");
        }

        // Comparison is strong: a weak tag matches nothing.
        return tags.Contains(EntityTagHeaderValue.Any) ? Any : new IfMatch([.. tags.Where(t => !t.IsWeak).Select(t => t.Tag.ToString())]);
    }

    /// <summary>Why the edit may not be made; null when it may.</summary>
    /// <param name="current">The tag of the resource as it is now.</param>
    /// <param name="what">The resource, for the message: "Provider 1234".</param>
    public ApiRefusal? FindObjection(string current, string what) =>
        Tags is null || Tags.Contains(current, StringComparer.Ordinal)
            ? null
            : ApiRefusal.PreconditionFailed(
                $"{what} is not what 'If-Match' names: somebody has changed it, and its ETag is {current} now. GET it again, make your change to what you get, and send it with that ETag in 'If-Match'.",
                current);
}
