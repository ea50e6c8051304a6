using System.Globalization;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Journal;

/// <summary>The <c>Link</c> header of a journal's answers (events behaviour, section 12.4).</summary>
internal static class JournalLinks
{
    /// <param name="context">The request; its header <c>x-adobe-io-events-url-links: true</c> makes the links absolute.</param>
    /// <param name="registration">The journal's registration.</param>
    /// <param name="position">Where to go on reading.</param>
    /// <param name="limit">Kept in <c>next</c>.</param>
    /// <param name="isEmpty">True for a 204, which also links <c>validate</c>.</param>
    public static string Build(HttpContext context, Registration registration, string position, int? limit, bool isEmpty)
    {
        var isAbsolute = string.Equals(context.Request.Headers["x-adobe-io-events-url-links"], "true", StringComparison.OrdinalIgnoreCase);
        var prefix = isAbsolute ? context.LinkTo("").Href : context.Request.PathBase.Value ?? "";
        var path = $"/organizations/{registration.OrganizationId}/integrations/{registration.CredentialId}/{registration.Id}";
        var journal = $"{prefix}/events{path}";
        var limited = limit is { } n ? "&limit=" + n.ToString(CultureInfo.InvariantCulture) : "";
        List<string> links =
        [
            $"<{journal}>; rel=\"events\"",
            $"<{journal}?since={position}{limited}>; rel=\"next\"",
            $"<{prefix}/count{path}?since={position}>; rel=\"count\"",
            $"<{journal}?latest=true>; rel=\"latest\"",
            $"<{journal}?since={{position}}&limit={{count}}>; rel=\"page\"",
            $"<{journal}?seek={{duration}}&limit={{count}}>; rel=\"seek\"",
        ];
        if (isEmpty)
        {
            links.Add($"<{journal}/validate?since={position}{limited}>; rel=\"validate\"");
        }

        return string.Join(", ", links);
    }
}
