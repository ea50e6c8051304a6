namespace Signalbox.Events;

/// <summary>Settings of the events room. Bound from the configuration section <c>Events</c>.</summary>
public sealed record EventsOptions
{
    /// <summary>The host name whose <c>POST /</c> is the ingress.</summary>
    public string IngressHost { get; init; } = "eventsingress.adobe.io";

    /// <summary>Largest body of a publish, in bytes.</summary>
    public int PublishBytesMax { get; init; } = 1 << 20;

    /// <summary>How long journaled events can be read.</summary>
    public TimeSpan JournalRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Webhook URLs may use <c>http</c> and name loopback or private addresses. For development and tests: such URLs
    /// let every developer of the organization make the server call what only the server can reach.
    /// </summary>
    public bool AllowPrivateTargets { get; init; }

    /// <summary>Requests that one registration's endpoint gets at once.</summary>
    public int ConcurrencyPerRegistration { get; init; } = 32;

    /// <summary>Requests in flight to all endpoints together.</summary>
    public int ConcurrencyMax { get; init; } = 512;

    /// <summary>
    /// Proves to this server's own handlers that a delivery comes from this server. Random for each process; sent to
    /// handler URLs only, and never shown.
    /// </summary>
    public string DeliverySecret { get; init; } = System.Security.Cryptography.RandomNumberGenerator.GetHexString(64, lowercase: true);
}
