namespace Signalbox.Events.Signing;

/// <summary>The two key pairs in use, and the retired ones that a retry or a replay may still need.</summary>
/// <remarks>
/// An event is signed by the pair that was in use when it was accepted. PKCS#1 v1.5 signatures are a function of key
/// and bytes, so retries and replays, also after a restart, carry the very signatures and paths of the first attempt,
/// and no signature needs a place in the database.
/// </remarks>
internal sealed class SigningKeyRing
{
    private readonly IReadOnlyList<SigningKey> _slot1;
    private readonly IReadOnlyList<SigningKey> _slot2;

    public SigningKeyRing(IEnumerable<SigningKey> keys)
    {
        var bySlot = keys.ToLookup(key => key.Slot);
        _slot1 = [.. bySlot[1].OrderBy(key => key.CreatedAt)];
        _slot2 = [.. bySlot[2].OrderBy(key => key.CreatedAt)];
        FirstRetiredAt = All.Min(key => key.RetiredAt);
    }

    /// <summary>False before the first two pairs were made.</summary>
    public bool IsComplete => _slot1.Count > 0 && _slot2.Count > 0;

    public IEnumerable<SigningKey> All => _slot1.Concat(_slot2);

    /// <summary>When the first of the retired pairs was retired; null when there is none.</summary>
    public DateTimeOffset? FirstRetiredAt { get; }

    /// <summary>The pairs in use now, slot 1 first.</summary>
    public (SigningKey Key1, SigningKey Key2) Current => (_slot1[^1], _slot2[^1]);

    /// <summary>The pairs that were in use at a time; the oldest that are left for a time before them.</summary>
    public (SigningKey Key1, SigningKey Key2) At(DateTimeOffset time) => (At(_slot1, time), At(_slot2, time));

    /// <summary>The keys of a slot, oldest first; the last one is in use.</summary>
    public IReadOnlyList<SigningKey> Of(int slot) => slot == 1 ? _slot1 : _slot2;

    /// <summary>Without those that were retired before a time.</summary>
    public SigningKeyRing Since(DateTimeOffset time) => new(All.Where(key => !(key.RetiredAt < time)));

    private static SigningKey At(IReadOnlyList<SigningKey> keys, DateTimeOffset time)
    {
        for (var i = keys.Count - 1; i > 0; i--)
        {
            if (keys[i].CreatedAt <= time)
            {
                return keys[i];
            }
        }

        return keys[0];
    }
}
