namespace Signalbox.Sandbox;

/// <summary>Hears of lines as they are printed, before the activation ends.</summary>
public interface ILogListener
{
    /// <summary>
    /// One line that was kept. Called on the thread that reads from the process, under the lock of the activation's
    /// log: it must return at once.
    /// </summary>
    void OnLine(SandboxedAction action, SandboxRequest request, LogLine line);
}
