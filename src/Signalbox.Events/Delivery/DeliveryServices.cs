using Microsoft.Extensions.DependencyInjection;
using Signalbox.Events.Challenges;
using Signalbox.Events.ClientCertificates;
using Signalbox.Events.Egress;
using Signalbox.Events.EventBridge;
using Signalbox.Events.Registrations;
using Signalbox.Events.Signing;
using Signalbox.Events.Tracing;
using Signalbox.Identity;

namespace Signalbox.Events.Delivery;

/// <summary>Registers delivery, signing and tracing.</summary>
public static class DeliveryServices
{
    /// <summary>
    /// Needs <see cref="EventsOptions"/>, storage, identity, the registrations' directory, the event reader and
    /// the runtime's handlers in the container.
    /// </summary>
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.AddSingleton(provider => new DeliveryClaim(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<EventsOptions>().NodeName));
        services.AddSingleton<DeliveryBell>();
        services.AddSingleton(provider => new DeliveryLimits { ActionBatchBytesMax = provider.GetRequiredService<IRuntimeHandlers>().BatchBytesMax });
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<IOwedDeliveries>(provider => provider.GetRequiredService<DeliveryStore>());
        services.AddSingleton<ProviderNames>();
        services.AddSingleton<WebhookTargetPolicy>();
        services.AddSingleton<IHostResolver, SystemHostResolver>();
        services.AddSingleton<TargetCheck>();
        services.AddSingleton<EgressProxy>();
        services.AddSingleton<CheckedConnector>();
        services.AddSingleton<CertificateStore>();
        services.AddSingleton<PresentedCertificates>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<EventBridgeSender>();
        services.AddSingleton<ValidationStore>();
        services.AddSingleton<ChallengeResults>();
        services.AddSingleton<ClientSecretLookup>(provider => provider.GetRequiredService<IdentityDirectory>().FindNewestSecretAsync);
        services.AddSingleton<IWebhookChallenge, Challenge>();
        services.AddSingleton<IDeliverer, Deliverer>();
        services.AddSingleton<IAttemptThreads, PooledAttempts>();
        services.AddSingleton<Dispatcher>();
        services.AddSingleton<IDeliveryQueue>(provider => provider.GetRequiredService<Dispatcher>());
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<KeyRotation>();
        services.AddSingleton<Signer>();
        services.AddSingleton<TraceStore>();

        // Stopped in the opposite order: first nothing is read any more, then what runs is drained, then the last traces
        // are stored.
        services.AddHostedService<CertificateKeeper>();
        services.AddHostedService<TraceFlusher>();
        services.AddHostedService(provider => provider.GetRequiredService<Dispatcher>());
        services.AddHostedService<DueDeliveries>();
        services.AddHostedService<TracePruner>();
        return services;
    }
}
