namespace Signalbox.Identity.Users;

/// <summary>Why something about users was not done: what was wrong, and how to mend it.</summary>
public sealed record UserRefusal(string Message);
