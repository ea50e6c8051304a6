namespace Signalbox.Events.Delivery;

/// <summary>
/// What this process writes into <c>claimed_by</c> and <c>claimed_until</c> of the rows of <c>deliveries</c> that it
/// takes, so that no other node takes them. A new name for each start of the process: what an earlier start had
/// claimed is free again at once on SQLite, which has one process, and after <c>claimed_until</c> on PostgreSQL.
/// </summary>
public sealed class DeliveryClaim(TimeProvider clock)
{
    /// <summary>How long a claim holds. Longer than any attempt; a held delivery whose claim nears its end is read again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>The value of <c>claimed_by</c>.</summary>
    public string Node { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The value of <c>claimed_until</c> for a claim taken now.</summary>
    public DateTimeOffset Until => clock.GetUtcNow() + Lifetime;
}
