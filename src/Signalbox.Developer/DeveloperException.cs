namespace Signalbox.Developer;

/// <summary>A command that cannot be obeyed; the message says why and how to mend it.</summary>
public class DeveloperException : Exception
{
    public DeveloperException(string message)
        : base(message)
    {
    }

    public DeveloperException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
