namespace Signalbox.Events.Health;

/// <summary>Attempts to add to a row of <c>attempt_counts</c>.</summary>
/// <param name="RegistrationKey">The registration.</param>
/// <param name="Since">When its count was started; a later start leaves these rows behind.</param>
/// <param name="Step">The time, in units of <see cref="AttemptWindow.Step"/> since 1970.</param>
/// <param name="Tally">What to add.</param>
internal sealed record AttemptCount(long RegistrationKey, DateTimeOffset Since, long Step, AttemptTally Tally);
