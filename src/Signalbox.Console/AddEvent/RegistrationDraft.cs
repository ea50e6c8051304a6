using Signalbox.Events.EventBridge;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.WebConsole.AddEvent;

/// <summary>A registration as it is being put together, over all steps of the wizard.</summary>
public sealed class RegistrationDraft
{
    /// <summary>As the hosted console has it; the API takes longer ones.</summary>
    public const int NameLengthMax = 25;

    /// <inheritdoc cref="NameLengthMax"/>
    public const int DescriptionLengthMax = 500;

    private Registration? _edited;

    public List<DraftProvider> Providers { get; } = [];

    public List<DraftEvent> Events { get; } = [];

    public string? ClientId { get; set; }

    public string CredentialName { get; set; } = "";

    public string Name { get; set; } = "";

    public string Description { get; set; } = "";

    public DraftDelivery Delivery { get; set; }

    public string Url { get; set; } = "";

    public bool IsBatch { get; set; }

    public string Action { get; set; } = "";

    public string AwsAccountId { get; set; } = "";

    public string AwsRegion { get; set; } = "";

    /// <summary>A name that is longer already may stay.</summary>
    public int NameMax => Math.Max(NameLengthMax, _edited?.Name.Length ?? 0);

    /// <inheritdoc cref="NameMax"/>
    public int DescriptionMax => Math.Max(DescriptionLengthMax, _edited?.Description.Length ?? 0);

    /// <summary>The registration that is edited; null for a new one.</summary>
    public Registration? Edited => _edited;

    /// <param name="registration">What is edited.</param>
    /// <param name="providers">Those of its events that still exist.</param>
    /// <param name="credentialName">Its credential's name.</param>
    internal static RegistrationDraft Of(Registration registration, IReadOnlyDictionary<string, Provider> providers, string credentialName)
    {
        var draft = new RegistrationDraft
        {
            _edited = registration,
            ClientId = registration.ClientId.Value,
            CredentialName = credentialName,
            Name = registration.Name,
            Description = registration.Description,
            Url = registration.WebhookUrl?.OriginalString ?? "",
            Action = registration.RuntimeAction ?? "",
            IsBatch = registration.DeliveryType == DeliveryType.WebhookBatch,
            AwsAccountId = registration.Destination?.AccountId ?? "",
            AwsRegion = registration.Destination?.Region ?? "",
            Delivery = registration switch
            {
                { DeliveryType: DeliveryType.Journal } => DraftDelivery.Journal,
                { DeliveryType: DeliveryType.AwsEventBridge } => DraftDelivery.EventBridge,
                { RuntimeAction: not null } => DraftDelivery.RuntimeAction,
                _ => DraftDelivery.Webhook,
            },
        };
        foreach (var interest in registration.Interests)
        {
            // What is gone cannot be chosen again, so it leaves with the edit.
            if (providers.TryGetValue(interest.ProviderId, out var provider) && provider.FindEvent(interest.EventCode) is { } metadata)
            {
                draft.Add(provider);
                draft.Events.Add(new DraftEvent(provider.Id, provider.Label, metadata.EventCode, metadata.Label));
            }
        }

        return draft;
    }

    internal void Add(Provider provider)
    {
        if (Providers.All(p => p.Id != provider.Id))
        {
            Providers.Add(new DraftProvider(provider.Id, provider.Label));
        }
    }

    internal void Remove(string providerId)
    {
        Providers.RemoveAll(p => p.Id == providerId);
        Events.RemoveAll(e => e.ProviderId == providerId);
    }

    /// <summary>What is missing before a step may be left; null when nothing is.</summary>
    internal string? FindGap(WizardStep step) => step switch
    {
        WizardStep.Providers when Providers.Count == 0 => "Choose a provider first.",
        WizardStep.Events when Events.Count == 0 => "Choose at least one event.",
        WizardStep.Credential when string.IsNullOrEmpty(ClientId) => "Choose a credential, or create one.",
        WizardStep.Details when Name.Trim().Length < 3 => "Give a name of 3 characters or more.",
        WizardStep.Delivery when Delivery == DraftDelivery.Webhook && Url.Trim().Length == 0 => "Give the URL of the webhook.",
        WizardStep.Delivery when Delivery == DraftDelivery.RuntimeAction && Action.Length == 0 => "Choose an action.",
        _ => null,
    };

    /// <summary>The step that is shown for one that was asked for: the first before it in which something is missing.</summary>
    internal WizardStep Reachable(WizardStep asked) =>
        Enum.GetValues<WizardStep>().TakeWhile(step => step < asked).Where(step => FindGap(step) is not null).Select(step => (WizardStep?)step).FirstOrDefault() ?? asked;

    internal RegistrationBody ToBody() => (_edited is null ? new RegistrationBody() : RegistrationBody.Of(_edited)) with
    {
        ClientId = ClientId,
        Name = Name.Trim(),
        Description = Description.Trim(),
        EventsOfInterest = [.. Events.Select(e => new InterestBody { ProviderId = e.ProviderId, EventCode = e.Code })],
        DeliveryType = (Delivery, IsBatch) switch
        {
            (DraftDelivery.Journal, _) => "journal",
            (DraftDelivery.EventBridge, _) => "aws_eventbridge",
            (_, true) => "webhook_batch",
            _ => "webhook",
        },
        WebhookUrl = Delivery == DraftDelivery.Webhook ? Url.Trim() : null,
        RuntimeAction = Delivery == DraftDelivery.RuntimeAction ? Action : null,
        DestinationMetadata = Delivery == DraftDelivery.EventBridge
            ? new DestinationBody { AwsAccountId = AwsAccountId.Trim(), AwsRegion = AwsRegion.Trim() }
            : null,
        // Absent: the filter that there is stays.
        SubscriberFilters = null,
    };
}
