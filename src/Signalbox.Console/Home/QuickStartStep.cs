namespace Signalbox.WebConsole.Home;

/// <summary>The steps of the quick start, in order.</summary>
internal enum QuickStartStep
{
    Provider,
    EventType,
    Action,
    Registration,
    Event,
    Delivery,
}
