using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Health;

/// <inheritdoc cref="IAttention" />
internal sealed class Attention(RegistrationDirectory directory, HealthLedger ledger, TimeProvider clock) : IAttention
{
    public async ValueTask<IReadOnlyList<TroubledRegistration>> ListAsync(Workspace workspace, int limit, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return [.. (await directory.GetIndexAsync(cancellationToken)).Live
            .Where(r => r.WorkspaceId == workspace.WorkspaceId)
            .Select(r => new TroubledRegistration(r, ledger.Find(r, now)))
            .Where(t => t.Registration.State != RegistrationState.Active || t.Tally.Failures > 0)
            .OrderBy(t => Rank(t.Registration.State))
            .ThenByDescending(t => t.Tally.Attempts == 0 ? 0 : (double)t.Tally.Failures / t.Tally.Attempts)
            .ThenBy(t => t.Registration.Key)
            .Take(limit)];
    }

    // One that the user switched off stands last: it is as somebody wants it.
    private static int Rank(RegistrationState state) => state switch
    {
        RegistrationState.Unstable => 0,
        RegistrationState.Pending => 1,
        RegistrationState.Active => 2,
        _ => 3,
    };
}
