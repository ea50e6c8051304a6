using Signalbox.Events.Registrations;

namespace Signalbox.Events.EventBridge;

/// <summary>Settings of deliveries to Amazon EventBridge. Bound from <c>Events:EventBridge</c>.</summary>
public sealed record EventBridgeOptions
{
    /// <summary>The largest request that EventBridge takes by default, in bytes.</summary>
    private const int DefaultRequestBytes = 256 << 10;

    /// <summary>
    /// Where to send instead of the region's own endpoint, such as a stand-in for tests. It may be at any address, which
    /// opens that address to no webhook; null: <c>https://events.REGION.amazonaws.com</c>.
    /// </summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The key to sign with; null: what the AWS SDK finds (environment, profile, role of the machine).</summary>
    public string? AccessKeyId { get; init; }

    public string? SecretAccessKey { get; init; }

    /// <summary>Of temporary keys; null for others.</summary>
    public string? SessionToken { get; init; }

    /// <summary>
    /// The bus to put events on, by name or ARN; <c>{region}</c> and <c>{account}</c> are those of the registration. Null:
    /// the default bus of the account whose key signs.
    /// </summary>
    public string? EventBus { get; init; }

    /// <summary>What stands before the registration's id in the source of an event. AWS lets only its partners begin with <c>aws.</c></summary>
    public string SourcePrefix { get; init; } = "aws.partner/developer.adobe.com/";

    /// <summary>The name of a registration's partner event source.</summary>
    public string SourceOf(Registration registration) => SourcePrefix + registration.Id;

    /// <summary>How long a new registration may wait for its association. 1 second to 3,650 days.</summary>
    public TimeSpan AssociationTime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Bytes of all entries of one request, as EventBridge counts them. 1 to 52,428,800.</summary>
    public int RequestBytesMax { get; init; } = DefaultRequestBytes;
}
