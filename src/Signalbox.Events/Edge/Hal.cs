using Microsoft.AspNetCore.Http;

namespace Signalbox.Events.Edge;

/// <summary>A link of a HAL resource.</summary>
internal sealed record HalLink(string Href);

/// <summary>Builds absolute links on the host that the request named, so that they work behind any name.</summary>
internal static class Hal
{
    public const string ContentType = "application/hal+json";

    /// <summary>An absolute URL on the request's own host.</summary>
    public static HalLink LinkTo(this HttpContext context, string path) =>
        new($"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}{path}");

    /// <summary>The URL of the request itself, its query included.</summary>
    public static HalLink LinkToSelf(this HttpContext context) =>
        context.LinkTo($"{context.Request.Path}{context.Request.QueryString}");

    public static string Segment(string value) => Uri.EscapeDataString(value);
}
