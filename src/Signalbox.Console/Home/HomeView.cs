using Signalbox.Events.Health;
using Signalbox.Events.Registrations;
using Signalbox.Events.Traffic;
using Signalbox.Identity.Workspaces;
using Signalbox.WebConsole.Registrations;

namespace Signalbox.WebConsole.Home;

/// <summary>What the first page shows of a workspace.</summary>
/// <param name="Workspace">Whose last hour it is.</param>
/// <param name="Hour">What went through it.</param>
/// <param name="Troubled">The registrations that somebody should look at, the worst first.</param>
/// <param name="HasRegistrations">False: there is nothing to look at yet.</param>
public sealed record HomeView(WorkspaceEntry Workspace, TrafficHour Hour, IReadOnlyList<TroubledLine> Troubled, bool HasRegistrations);

/// <summary>A registration that needs attention.</summary>
/// <param name="Span">From when on <paramref name="Tally"/> counts, such as "since it became unstable".</param>
public sealed record TroubledLine(string Id, string Name, RegistrationState State, AttemptTally Tally, string Span, DateTimeOffset UpdatedAt)
{
    internal static TroubledLine Of(TroubledRegistration troubled, HealthThresholds thresholds, DateTimeOffset now) => new(
        troubled.Registration.Id.ToString(),
        troubled.Registration.Name,
        troubled.Registration.State,
        troubled.Tally,
        TallyWords.Span(troubled.Registration, thresholds, now),
        troubled.Registration.UpdatedAt);
}
