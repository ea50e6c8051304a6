namespace Signalbox.Developer.Connection;

/// <summary>The server does not answer; it may later.</summary>
internal sealed class NoServerException(string message, Exception inner) : DeveloperException(message, inner);
