namespace Signalbox.Sandbox.Kinds;

/// <summary>A kind cannot be run on this machine now; the message says why and what to do.</summary>
public sealed class KindUnavailableException : Exception
{
    public KindUnavailableException()
    {
    }

    public KindUnavailableException(string message)
        : base(message)
    {
    }

    public KindUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
