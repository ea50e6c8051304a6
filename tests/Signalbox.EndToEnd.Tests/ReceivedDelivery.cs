using System.Text;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>A delivery as a webhook received it; header names in lower case.</summary>
internal sealed record ReceivedDelivery(IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The id that the publisher gave the event.</summary>
    public string EventId => JsonNode.Parse(Body)!["id"]!.GetValue<string>();

    /// <summary>The <c>x-adobe-retry-count</c>; null on the first attempt.</summary>
    public string? RetryCount => Headers.GetValueOrDefault("x-adobe-retry-count");
}
