namespace Signalbox.WebConsole.AddEvent;

/// <summary>The steps of adding events, in their order.</summary>
public enum WizardStep
{
    Providers,
    Events,
    Credential,
    Details,
    Delivery,
}
