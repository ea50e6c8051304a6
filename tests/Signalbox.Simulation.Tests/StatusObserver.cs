using Signalbox.Events.Health;
using Signalbox.Events.Registrations;

namespace Signalbox.Simulation.Tests;

/// <summary>Counts every attempt for itself, and objects when a registration's status does not follow from that (events behaviour, section 10).</summary>
internal sealed class StatusObserver(World world, Scenario scenario)
{
    private static readonly TimeSpan _window = TimeSpan.FromHours(24);

    private readonly Dictionary<long, Standing> _standings = scenario.Registrations.ToDictionary(r => r.Key, _ => new Standing());

    /// <summary>Changes that attempts led to.</summary>
    public int Count { get; private set; }

    public bool IsPushing(long registrationKey) =>
        _standings[registrationKey] is { IsDeleted: false, IsEnabled: true, Status: WebhookStatus.Verified or WebhookStatus.Unstable };

    public void Counts(long registrationKey, bool isSuccess, DateTimeOffset at) => _standings[registrationKey].Attempts.Add((at, isSuccess));

    public void Changes(Registration after, DateTimeOffset at, bool byEdit)
    {
        var standing = _standings[after.Key];
        world.Tell($"registration {after.Key} becomes {after.Status}{(after.DeletedAt is null ? "" : ", deleted")}{(byEdit ? " by an edit" : "")}");
        if (!byEdit)
        {
            Count++;
            CheckChange(after, standing, at);
        }

        if (byEdit || after.Status == WebhookStatus.Unstable)
        {
            standing.Attempts.Clear();
        }

        (standing.Status, standing.IsEnabled, standing.IsDeleted, standing.Since) = (after.Status, after.IsEnabled, after.DeletedAt is not null, at);
    }

    public void Stays(long registrationKey, DateTimeOffset at)
    {
        var standing = _standings[registrationKey];
        Check(
            scenario.ClockJumps || !IsPushing(registrationKey) || standing.Status != WebhookStatus.Verified || !IsBad(standing, at),
            $"registration {registrationKey} stays active with {Tell(standing, at)}");
    }

    private void CheckChange(Registration after, Standing standing, DateTimeOffset at)
    {
        Check(IsPushing(after.Key), $"registration {after.Key} changes to {after.Status}, though it was disabled or deleted");
        var isKnown = (standing.Status, after.Status) is
            (WebhookStatus.Verified, WebhookStatus.Unstable) or (WebhookStatus.Unstable, WebhookStatus.HookUnreachable or WebhookStatus.Verified);
        Check(isKnown, $"registration {after.Key} goes from {standing.Status} to {after.Status}");
        if (scenario.ClockJumps)
        {
            return;
        }

        Check(
            IsBad(standing, at) == after.Status is WebhookStatus.Unstable or WebhookStatus.HookUnreachable,
            $"registration {after.Key} becomes {after.Status} with {Tell(standing, at)}");
        Check(
            standing.Status != WebhookStatus.Unstable || at - standing.Since >= _window,
            $"registration {after.Key} is judged again {at - standing.Since} after it became unstable");
    }

    private static bool IsBad(Standing standing, DateTimeOffset at) =>
        Sum(standing, at) is var (attempts, failures) && attempts >= 10 && failures * 5 > attempts * 4;

    /// <summary>An attempt counts for the window and for what is left of the step in which it fell.</summary>
    private static (int Attempts, int Failures) Sum(Standing standing, DateTimeOffset at)
    {
        var counted = standing.Attempts.Where(attempt => AttemptWindow.StepOf(attempt.At) >= AttemptWindow.StepOf(at - _window)).ToList();
        return (counted.Count, counted.Count(attempt => !attempt.IsSuccess));
    }

    private static string Tell(Standing standing, DateTimeOffset at) => Sum(standing, at) is var (attempts, failures) ? $"{failures} failures of {attempts} attempts" : "";

    private void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new SimulationFailure(world, Rule.StatusMachine, otherwise);
        }
    }

    private sealed class Standing
    {
        public WebhookStatus Status { get; set; } = WebhookStatus.Verified;

        public bool IsEnabled { get; set; } = true;

        public bool IsDeleted { get; set; }

        public DateTimeOffset Since { get; set; } = DateTimeOffset.MinValue;

        public List<(DateTimeOffset At, bool IsSuccess)> Attempts { get; } = [];
    }
}
