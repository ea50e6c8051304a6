namespace Signalbox.Server.Demo;

/// <summary>A step of the story that did not happen as told.</summary>
internal sealed class DemoException(string message) : Exception(message);
