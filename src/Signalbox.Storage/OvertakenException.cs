namespace Signalbox.Storage;

/// <summary>
/// Another writer has changed what an operation took for granted (<see cref="WriteSession.Expect"/>). Nothing is committed;
/// the group runs again.
/// </summary>
internal sealed class OvertakenException(Exception? innerException = null)
    : Exception("Another writer has changed what the operation took for granted; it has to run again.", innerException);
