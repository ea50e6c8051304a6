using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Events.Challenges;
using Signalbox.Events.ClientCertificates;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Delivery;
using Signalbox.Events.Egress;
using Signalbox.Events.EventBridge;
using Signalbox.Events.EventLog;
using Signalbox.Events.Filters;
using Signalbox.Events.Health;
using Signalbox.Events.Holdings;
using Signalbox.Events.Ingress;
using Signalbox.Events.Journal;
using Signalbox.Events.Notifications;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;
using Signalbox.Events.Signing;
using Signalbox.Events.Stories;
using Signalbox.Events.Tracing;
using Signalbox.Identity.Projects;
using Signalbox.Events.Traffic;
using Signalbox.Storage;

namespace Signalbox.Events;

/// <summary>Registers the events room.</summary>
public static class EventsRoom
{
    /// <summary>The room's tables.</summary>
    public static MigrationSet Migrations => Schema.Migrations;

    /// <summary>Checks what the types of the options cannot say.</summary>
    /// <exception cref="FormatException">A number, a range, the proxy or an address is not what it must be; the message names it.</exception>
    public static void Validate(EventsOptions options, NotificationOptions notifications)
    {
        options.Validate();
        _ = new WebhookTargetPolicy(options);
        _ = new EgressProxy(options);
        NotificationServices.Validate(notifications);
        _ = new TrustedAuthorities(options);
        if (options.ClientCertificate.File is { Length: > 0 })
        {
            _ = ClientIdentity.Read(options.ClientCertificate);
        }
        else if (options.ClientCertificate.KeyFile is { Length: > 0 } || options.ClientCertificate.Password is { Length: > 0 })
        {
            throw new FormatException("Events:ClientCertificate:KeyFile and Events:ClientCertificate:Password belong to a certificate of your own: name it in Events:ClientCertificate:File, or leave them out.");
        }
    }

    /// <summary>
    /// Adds the room. Needs the storage and identity rooms, a <see cref="TimeProvider"/>, and the server's
    /// <see cref="IRuntimeHandlers"/>.
    /// </summary>
    public static IServiceCollection AddEvents(this IServiceCollection services, EventsOptions options, NotificationOptions? notifications = null)
    {
        services.AddSingleton(options);
        services.AddSingleton(Migrations);
        services.AddHostedService<EarlierKeys>();

        services.AddSingleton<ProviderStore>();
        services.AddSingleton<ProviderDirectory>();
        services.AddSingleton<IProviderDirectory>(s => s.GetRequiredService<ProviderDirectory>());
        services.AddSingleton<ProviderService>();
        services.AddSingleton<SampleDelivery>();
        services.AddSingleton<IProviders, WorkspaceProviders>();

        services.AddSingleton<RegistrationStore>();
        services.AddSingleton<RegistrationDirectory>();
        services.AddSingleton<IRegistrationDirectory>(s => s.GetRequiredService<RegistrationDirectory>());
        services.AddSingleton<IWorkspaceContents, EventContents>();
        services.AddSingleton<RegistrationRules>();
        services.AddSingleton<EditTurns>();
        services.AddSingleton<ChallengePace>();
        services.AddSingleton<RegistrationService>();
        services.AddSingleton<PackageValidation>();
        services.AddSingleton<IRegistrations>(s => s.GetRequiredService<RegistrationService>());
        services.AddSingleton<ISampleEvents, RegistrationSamples>();
        services.AddSingleton<RegistrationSettler>();
        services.AddHostedService(s => s.GetRequiredService<RegistrationSettler>());

        services.AddSingleton<FilterStore>();
        services.AddSingleton<FilterService>();
        services.AddSingleton<FilterValidation>();
        services.AddSingleton<IFilters, RegistrationFilters>();

        services.AddSingleton(HealthThresholds.Of(options));
        services.AddSingleton<HealthLedger>();
        services.AddSingleton<HealthStore>();
        services.AddSingleton<StatusHistory>();
        services.AddSingleton<HealthMonitor>();
        services.AddSingleton<IAttemptCounter>(s => s.GetRequiredService<HealthMonitor>());
        services.AddHostedService(s => s.GetRequiredService<HealthMonitor>());

        services.AddSingleton<IAttention, Attention>();
        services.AddSingleton<IRegistrationHealth, RegistrationHealthReader>();
        services.AddSingleton<IDeliveryLoad, CurrentDeliveryLoad>();
        services.AddSingleton<ISigningKeyDesk, SigningKeyDesk>();
        services.AddHostedService<SigningKeyRetention>();
        services.AddSingleton<IClientCertificates>(s => s.GetRequiredService<PresentedCertificates>());

        services.AddSingleton<TrafficLedger>();
        services.AddSingleton<ITraffic>(s => s.GetRequiredService<TrafficLedger>());
        services.AddSingleton<TrafficStore>();
        services.AddHostedService<TrafficKeeper>();

        services.AddSingleton<DeadLetterStore>();
        services.AddHostedService<DeadLetterRetention>();
        services.AddSingleton<IDeadLetters, RegistrationDeadLetters>();
        services.AddSingleton<ReplayStore>();
        services.AddSingleton<IReplayJobs>(s => s.GetRequiredService<ReplayStore>());
        services.AddSingleton<Bell<ReplayRunner>>();
        services.AddSingleton<ReplayService>();
        services.AddSingleton<ReplayHolds>();
        services.AddSingleton<ReplayRunner>();
        services.AddSingleton<IReplays, RegistrationReplays>();

        services.AddSingleton<PublishedKeys>();
        services.AddSingleton<EventLog.EventLog>();
        services.AddSingleton<IEventReader, EventReader>();
        services.AddSingleton<PublishLimiter>();
        services.AddSingleton<EventRouter>();
        services.AddSingleton<IngressEndpoint>();
        services.AddSingleton<IEventPublisher, EventPublisher>();

        services.AddSingleton<EventBridgeAssociations>();
        services.AddHostedService(s => s.GetRequiredService<EventBridgeAssociations>());

        services.AddSingleton<JournalStore>();
        services.AddSingleton<JournalReader>();
        services.AddHostedService<JournalRetention>();
        services.AddSingleton<IJournals, JournalBrowser>();

        services.AddSingleton<AttemptLog>();
        services.AddSingleton<FailureTexts>();
        services.AddSingleton<StoryRows>();
        services.AddSingleton<HoldFinder>();
        services.AddSingleton<StoryWords>();
        services.AddSingleton<PublishedIdSearch>();
        services.AddSingleton<StoryReader>();
        services.AddSingleton<IEventStories>(s => s.GetRequiredService<StoryReader>());
        services.AddSingleton<ITraces, TraceBrowser>();
        services.AddSingleton<IChallengeReports, ChallengeReports>();
        services.AddSingleton<HoldingCounter>();
        services.AddHostedService(s => s.GetRequiredService<HoldingCounter>());
        services.AddNotifications(notifications ?? new NotificationOptions());
        services.AddDelivery();
        services.AddHostedService(s => s.GetRequiredService<ReplayRunner>());
        return services;
    }

    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        routes.MapProviders();
        routes.MapEventMetadata();
        routes.MapRegistrations();
        routes.MapFilters();
        routes.MapHealthOfRegistrations();
        routes.MapDeadLetters();
        routes.MapReplays();
        IngressEndpoint.Map(routes);
        routes.MapJournal();
        routes.MapTracing();
        routes.MapStories();
        routes.MapSigningKeys();
        routes.MapCertificates();
        routes.MapValidation();
    }

    /// <summary>The operator's endpoints; the caller guards them.</summary>
    public static void MapEventsAdministration(this IEndpointRouteBuilder admin)
    {
        admin.MapSigningKeyAdministration();
        admin.MapCertificateAdministration();
        admin.MapNotificationAdministration();
        admin.MapEventBridgeAdministration();
    }
}
