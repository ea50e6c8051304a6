namespace Signalbox.Sandbox.Pool;

/// <summary>A process could not be started or did not connect; the message is for the operator.</summary>
internal sealed class ProcessStartException : Exception
{
    public ProcessStartException(string message)
        : base(message)
    {
    }

    public ProcessStartException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
