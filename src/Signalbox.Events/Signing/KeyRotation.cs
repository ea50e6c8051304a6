namespace Signalbox.Events.Signing;

/// <summary>
/// Replaces one of the two signing keys at a time (events behaviour, section 9.2): the other one stays valid for
/// consumers who have not fetched the new one yet.
/// </summary>
internal sealed class KeyRotation(SigningKeys keys, TimeProvider clock)
{
    /// <summary>How long consumers may keep public keys; the clients' own caches do for so long.</summary>
    public static readonly TimeSpan CacheTime = TimeSpan.FromHours(24);

    /// <summary>Keys of a slot that are kept, the one in use included.</summary>
    private const int KeysPerSlotMax = 32;

    /// <summary>Renews a slot.</summary>
    /// <param name="slot">1 or 2; null for the one whose key is older.</param>
    /// <param name="force">Also when the other key is new, or this slot has many.</param>
    /// <param name="cancellationToken">Gives up before the change, never in the middle.</param>
    public async Task<KeyRotationOutcome> RotateAsync(int? slot, bool force, CancellationToken cancellationToken)
    {
        if (slot is not (null or 1 or 2))
        {
            return new KeyRotationOutcome.Refused($"Slot {slot} does not exist. The slots are 1 and 2.");
        }

        string? refusal = null;
        SigningKey? before = null;
        var made = await keys.RenewAsync(
            ring =>
            {
                var chosen = slot ?? (ring.Current.Key2.CreatedAt < ring.Current.Key1.CreatedAt ? 2 : 1);
                refusal = force ? null : FindObjection(ring, chosen);
                before = ring.Of(chosen)[^1];
                return refusal is null ? chosen : null;
            },
            cancellationToken);
        return made is null ? new KeyRotationOutcome.Refused(refusal!) : new KeyRotationOutcome.Rotated(made, before!);
    }

    private string? FindObjection(SigningKeyRing ring, int slot)
    {
        var other = ring.Of(3 - slot);
        var free = other[^1].CreatedAt + CacheTime;

        // The first key of a slot was never a surprise to anybody.
        if (other.Count > 1 && free > clock.GetUtcNow())
        {
            return $"The key of slot {3 - slot} was replaced at {other[^1].CreatedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}. Consumers may keep public keys for {CacheTime.TotalHours:0} hours: "
                + $"if slot {slot} changes now too, one who has fetched neither can verify no signature. Rotate it after {free:yyyy-MM-dd'T'HH:mm:ss'Z'}, or say --force.";
        }

        return ring.Of(slot).Count >= KeysPerSlotMax
            ? $"Slot {slot} has {KeysPerSlotMax} keys that deliveries may still need. Wait until the oldest has expired ({keys.Retention.TotalDays:0} days after it was replaced), or say --force."
            : null;
    }
}
