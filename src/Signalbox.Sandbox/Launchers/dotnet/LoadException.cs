namespace Signalbox.Launcher;

/// <summary>The code is not what an action has to be; the message is for its developer.</summary>
internal sealed class LoadException(string message) : Exception(message);
