namespace Signalbox.Sandbox.Code;

/// <summary>An action's archive cannot or must not be unpacked; the message is for the action's developer.</summary>
internal sealed class ArchiveException : Exception
{
    public ArchiveException(string message)
        : base(message)
    {
    }

    public ArchiveException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
