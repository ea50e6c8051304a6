namespace Signalbox.WebConsole.AddEvent;

/// <summary>How events are received besides the journal, which is always kept.</summary>
public enum DraftDelivery
{
    /// <summary>By reading the journal only.</summary>
    Journal,

    Webhook,

    RuntimeAction,

    EventBridge,
}
