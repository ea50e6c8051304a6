using Signalbox.Events.Edge;

namespace Signalbox.Events.Signing;

/// <inheritdoc cref="ISigningKeyDesk" />
internal sealed class SigningKeyDesk(SigningKeys keys, KeyRotation rotation) : ISigningKeyDesk
{
    public async Task<IReadOnlyList<SigningKeyInfo>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await keys.GetAsync(cancellationToken)).All.Select(Show)];

    public async Task<Outcome<IReadOnlyList<SigningKeyInfo>>> RotateAsync(int? slot, bool force, CancellationToken cancellationToken) =>
        await rotation.RotateAsync(slot, force, cancellationToken) switch
        {
            KeyRotationOutcome.Rotated rotated => Both(rotated),
            KeyRotationOutcome.Refused refused => ApiRefusal.Conflict(refused.Reason),
            _ => throw new InvalidOperationException("A rotation has no third outcome."),
        };

    private Outcome<IReadOnlyList<SigningKeyInfo>> Both(KeyRotationOutcome.Rotated rotated) => new SigningKeyInfo[]
    {
        Show(rotated.Current),
        Show(rotated.Retired with { RetiredAt = rotated.Current.CreatedAt }),
    };

    private SigningKeyInfo Show(SigningKey key) => new()
    {
        Slot = key.Slot,
        Path = key.Path,
        CreatedAt = key.CreatedAt,
        RetiredAt = key.RetiredAt,
        ServedUntil = key.RetiredAt + keys.Retention,
    };
}
