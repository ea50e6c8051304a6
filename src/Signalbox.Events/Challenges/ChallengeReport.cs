namespace Signalbox.Events.Challenges;

/// <summary>The probes of the last challenge, and what to do.</summary>
/// <param name="Probes">In the order in which they were sent: the GET, then perhaps the POST.</param>
/// <param name="Advice">What was wrong and how to mend it, in one or two sentences.</param>
public sealed record ChallengeReport(IReadOnlyList<ChallengeProbe> Probes, string Advice);
