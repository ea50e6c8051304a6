using System.Text.Json.Serialization;

namespace Signalbox.Identity;

/// <summary>What is wrong with one field of a request.</summary>
/// <param name="Field">The member's name, dotted when nested.</param>
/// <param name="Message">What was wrong, and what to do.</param>
public sealed record ApiFieldError(
    [property: JsonPropertyName("field")] string Field,
    [property: JsonPropertyName("message")] string Message);
