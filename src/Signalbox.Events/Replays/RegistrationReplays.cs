using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Replays;

/// <inheritdoc cref="IReplays" />
internal sealed class RegistrationReplays(ReplayService service, ReplayStore store, TimeProvider clock) : IReplays
{
    public Task<IReadOnlyList<Replay>> ListAsync(Registration registration, int limit, CancellationToken cancellationToken) =>
        store.ListAsync(registration.Key, null, limit, cancellationToken);

    public async Task<Outcome<Replay>> StartAsync(Registration registration, ReplayBody body, CancellationToken cancellationToken) =>
        body.Select(clock.GetUtcNow()).IsRefused(out var refusal, out var selection)
            ? refusal
            : await service.StartAsync(registration, selection, cancellationToken);

    public Task<Outcome<Replay>> CancelAsync(Registration registration, string replayId, CancellationToken cancellationToken) =>
        service.CancelAsync(registration, replayId, cancellationToken);
}
