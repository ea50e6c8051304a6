using Signalbox.Events.Registrations;

namespace Signalbox.Events.Egress;

/// <summary>A request as it is sent.</summary>
internal sealed record OutgoingRequest
{
    public required HttpMethod Method { get; init; }

    public required Uri Url { get; init; }

    /// <summary>The URL as traces show it.</summary>
    public string? ShownUrl { get; init; }

    public string? ContentType { get; init; }

    /// <summary>Names in lower case.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    /// <summary>Sent, but shown nowhere.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> HiddenHeaders { get; init; } = [];

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Whose it is, for the log; null for what is of no registration.</summary>
    public RegistrationId? Registration { get; init; }

    /// <summary>The event that it carries, or the first of several, for the log; null for a challenge and the like.</summary>
    public Guid? EventId { get; init; }

    /// <summary>The body as traces show it.</summary>
    public ReadOnlyMemory<byte>? ShownBody { get; init; }
}
