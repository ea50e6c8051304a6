using Microsoft.Net.Http.Headers;

namespace Signalbox.Runtime.WebActions;

/// <summary>Which media types are JSON, and which are text.</summary>
internal static class WebMediaTypes
{
    private static readonly HashSet<string> _texts = new(StringComparer.OrdinalIgnoreCase)
    {
        "application/javascript", "application/xml", "application/xhtml+xml", "application/x-www-form-urlencoded", "image/svg+xml",
    };

    /// <summary><c>application/json</c> and everything with <c>+json</c>.</summary>
    public static bool IsJson(MediaTypeHeaderValue type) =>
        type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);

    public static bool IsText(MediaTypeHeaderValue type) =>
        type.Type.Equals("text", StringComparison.OrdinalIgnoreCase)
        || type.Suffix.Equals("xml", StringComparison.OrdinalIgnoreCase)
        || (type.MediaType.Value is { } name && _texts.Contains(name));
}
