namespace Signalbox.Events.Notifications;

/// <summary>A channel did not take a message; the text says why.</summary>
internal sealed class NoticeFailedException(string message, Exception? inner = null) : Exception(message, inner);
