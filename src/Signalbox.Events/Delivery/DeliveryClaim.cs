namespace Signalbox.Events.Delivery;

/// <summary>
/// What this process writes into <c>claimed_by</c> and <c>claimed_until</c> of the rows of <c>deliveries</c> that it
/// takes, so that no other node takes them. What a node had claimed before it was started anew is still its own; what
/// one had that does not come back is free after <c>claimed_until</c>. On SQLite, which has one process, all is its own.
/// </summary>
/// <param name="clock">Tells the time of day.</param>
/// <param name="node">The same for each start of a node, and no other's; null: a new one.</param>
public sealed class DeliveryClaim(TimeProvider clock, string? node = null)
{
    /// <summary>How long a claim holds. Longer than any attempt; a held delivery whose claim nears its end is read again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>The value of <c>claimed_by</c>.</summary>
    public string Node { get; } = node ?? Guid.NewGuid().ToString("N");

    /// <summary>The value of <c>claimed_until</c> for a claim taken now.</summary>
    public DateTimeOffset Until => clock.GetUtcNow() + Lifetime;
}
