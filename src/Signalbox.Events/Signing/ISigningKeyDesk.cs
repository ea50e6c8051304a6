using Signalbox.Events.Edge;

namespace Signalbox.Events.Signing;

/// <summary>The signing keys without their private halves, and their rotation, for operators.</summary>
public interface ISigningKeyDesk
{
    /// <summary>All keys that are served, retired ones included.</summary>
    Task<IReadOnlyList<SigningKeyInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Replaces the key of a slot. Returns the new key and the one that it replaced.</summary>
    /// <param name="slot">1 or 2; null for the one whose key is older.</param>
    /// <param name="force">Also when the other key is new, or this slot has many.</param>
    /// <param name="cancellationToken">Gives up before the change, never in the middle.</param>
    Task<Outcome<IReadOnlyList<SigningKeyInfo>>> RotateAsync(int? slot, bool force, CancellationToken cancellationToken);
}
