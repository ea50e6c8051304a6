namespace Signalbox.Events.Delivery;

/// <summary>Which webhook URLs may be called: https and public addresses only, unless the operator allows others.</summary>
public sealed class WebhookTargetPolicy
{
    /// <summary>Why the URL may not be a webhook, for the 400 response; null when it may, as far as its text tells.</summary>
    public string? FindObjection(string url) => throw new NotImplementedException();
}
