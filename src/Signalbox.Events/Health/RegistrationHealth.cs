using Signalbox.Events.Challenges;

namespace Signalbox.Events.Health;

/// <summary>How a registration stands.</summary>
/// <param name="Tally">Attempts of the window, since its last edit or its last change to unstable.</param>
/// <param name="Thresholds">By what it is judged.</param>
/// <param name="JudgedAgainAt">When an unstable registration is judged again; null for others.</param>
/// <param name="LastChallenge">What came of its newest challenge; null before the first.</param>
/// <param name="History">The last changes of its status, newest first.</param>
public sealed record RegistrationHealth(
    AttemptTally Tally, HealthThresholds Thresholds, DateTimeOffset? JudgedAgainAt, ChallengeResult? LastChallenge, IReadOnlyList<StatusHistoryEntry> History);
