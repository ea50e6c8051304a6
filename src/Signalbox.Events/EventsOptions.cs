using System.Runtime.CompilerServices;

namespace Signalbox.Events;

/// <summary>Settings of the events room. Bound from the configuration section <c>Events</c>.</summary>
public sealed record EventsOptions
{
    /// <summary>The server reads no larger body, in bytes.</summary>
    private const int BodyBytesMax = 50 << 20;

    /// <summary>The host name whose <c>POST /</c> is the ingress.</summary>
    public string IngressHost { get; init; } = "eventsingress.adobe.io";

    /// <summary>Names this server in the deliveries that it works on, the same after each start; null: a new name each time. Set by the server.</summary>
    public string? NodeName { get; init; }

    /// <summary>Largest body of a publish, in bytes. 1 to 52,428,800.</summary>
    public int PublishBytesMax { get; init; } = 1 << 20;

    /// <summary>Events of one batch; more get 413. 1 to 100,000.</summary>
    public int PublishBatchEventsMax { get; init; } = 100;

    /// <summary>Largest body of a batch, in bytes; each of its events is also held to <see cref="PublishBytesMax"/>. 1 to 52,428,800.</summary>
    public int PublishBatchBytesMax { get; init; } = 4 << 20;

    /// <summary>
    /// Whether an event without <c>specversion</c> is refused. Older clients of the service send such events, so it is not
    /// by default; null: as the server's profile has it.
    /// </summary>
    public bool? SpecVersionRequired { get; init; }

    /// <summary>
    /// How long an event of the same source and id is acknowledged without being stored again; 0: every one is stored.
    /// The default outlasts the retries of a publisher that got no answer. Up to 30 days.
    /// </summary>
    public TimeSpan DeduplicationWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Sources and ids that are remembered, about 40 bytes each; the oldest go first, whatever the window. The default is
    /// what one API key can publish within the default window, and some more. 1 to 100,000,000.
    /// </summary>
    public int DeduplicationEventsMax { get; init; } = 500_000;

    /// <summary>Publishes that one API key may send within <see cref="PublishWindow"/>; more get 429. At least 1.</summary>
    public int PublishesPerWindowMax { get; init; } = 3_000;

    /// <summary>The window of <see cref="PublishesPerWindowMax"/>. 1 ms to 1 hour.</summary>
    public TimeSpan PublishWindow { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Registrations of one client id; more get 409. At least 1.</summary>
    public int RegistrationsPerClientMax { get; init; } = 30;

    /// <summary>Registrations of one organization; more get 409. At least 1.</summary>
    public int RegistrationsPerOrganizationMax { get; init; } = 2_500;

    /// <summary>
    /// Challenges that one organization may have sent to one host and port within 10 seconds, by creating and editing
    /// registrations; more get 429. At least 1.
    /// </summary>
    public int ChallengesPerTargetMax { get; init; } = 5_000;

    /// <summary>Events of interest of one registration; more get 400. At least 1.</summary>
    public int InterestsPerRegistrationMax { get; init; } = 1_000;

    /// <summary>Providers of one organization; more get 409. All are kept in memory. At least 1.</summary>
    public int ProvidersPerOrganizationMax { get; init; } = 1_000;

    /// <summary>Event types of one provider; more get 409. All are kept in memory. At least 1.</summary>
    public int EventMetadataPerProviderMax { get; init; } = 1_000;

    /// <summary>How long journaled events can be read. 1 second to 3,650 days.</summary>
    public TimeSpan JournalRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Largest body of a journal page, in bytes. A single larger event is still returned. 1 to 52,428,800.</summary>
    public int JournalPageBytesMax { get; init; } = 1_500_000;

    /// <summary>Events of a journal page when the reader gives no <c>limit</c>. 1 to 100,000.</summary>
    public int JournalPageEvents { get; init; } = 100;

    /// <summary>
    /// Ranges that webhooks may be in although they are not public, such as <c>10.1.0.0/16</c>; into these also by
    /// plain <c>http</c>. Everybody who may register a webhook can then make the server call what is in there.
    /// </summary>
    public IReadOnlyList<string> AllowTargets { get; init; } = [];

    /// <summary>A forward proxy for webhooks, such as <c>http://user:password@proxy.example.com:3128</c>; null: connect directly.</summary>
    public Uri? EgressProxy { get; init; }

    /// <summary>A PEM file of authorities that webhooks' certificates may come from, besides the system's; null: only those.</summary>
    public string? TrustedAuthorities { get; init; }

    /// <summary>What is presented to endpoints that ask for a client certificate.</summary>
    public ClientCertificates.ClientCertificateOptions ClientCertificate { get; init; } = new();

    /// <summary>Deliveries to Amazon EventBridge.</summary>
    public EventBridge.EventBridgeOptions EventBridge { get; init; } = new();

    /// <summary>The ports on which this server listens: webhooks may not be there.</summary>
    public Func<IReadOnlyCollection<int>> OwnPorts { get; init; } = () => [];

    /// <summary>The URL by which others reach this server.</summary>
    public Func<Uri> PublicUrl { get; init; } = () => new Uri("http://localhost:3233");

    /// <summary>
    /// Webhooks may be at every address: for development and tests, in place of <see cref="AllowTargets"/> with all
    /// addresses.
    /// </summary>
    public bool AllowPrivateTargets { get; init; }

    /// <summary>Requests that one registration's endpoint gets at once. 1 to 65,536.</summary>
    public int ConcurrencyPerRegistration { get; init; } = 64;

    /// <summary>Requests in flight to all endpoints together. 1 to 65,536.</summary>
    public int ConcurrencyMax { get; init; } = 512;

    /// <summary>
    /// How far back a registration's delivery attempts count for its status, and how long an unstable one is watched
    /// before it is judged again. 1 hour to 365 days.
    /// </summary>
    public TimeSpan HealthWindow { get; init; } = TimeSpan.FromHours(24);

    /// <summary>With fewer attempts within the window a registration is never unstable. At least 1.</summary>
    public int HealthAttemptsMin { get; init; } = 10;

    /// <summary>A larger share of failed attempts makes a registration unstable, then disabled. 0 to 100.</summary>
    public int HealthFailurePercentMax { get; init; } = 80;

    /// <summary>How long deliveries that ended without success are kept. 1 second to 3,650 days.</summary>
    public TimeSpan DeadLetterRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Dead letters kept of one registration; the oldest go first. At least 0.</summary>
    public int DeadLettersPerRegistrationMax { get; init; } = 100_000;

    /// <summary>Replays of one registration that may run at once; more get 409. At least 1.</summary>
    public int ReplaysPerRegistrationMax { get; init; } = 5;

    /// <summary>Replays of all registrations that may run at once; more get 409. At least 1.</summary>
    public int ReplaysMax { get; init; } = 100;

    /// <summary>The most that one replay delivers in a second. 1 to 1,000,000.</summary>
    public int ReplayEventsPerSecond { get; init; } = 50;

    /// <summary>The share of a registration's window that one replay may take. 1 to 100.</summary>
    public int ReplayWindowPercent { get; init; } = 25;

    /// <exception cref="FormatException">A number or a time is outside its range.</exception>
    internal void Validate()
    {
        Check(PublishBytesMax, 1, BodyBytesMax);
        Check(PublishBatchEventsMax, 1, 100_000);
        Check(PublishBatchBytesMax, 1, BodyBytesMax);
        Check(DeduplicationWindow, TimeSpan.Zero, TimeSpan.FromDays(30));
        Check(DeduplicationEventsMax, 1, 100_000_000);
        Check(PublishesPerWindowMax, 1, int.MaxValue);
        Check(PublishWindow, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        Check(RegistrationsPerClientMax, 1, int.MaxValue);
        Check(RegistrationsPerOrganizationMax, 1, int.MaxValue);
        Check(ChallengesPerTargetMax, 1, int.MaxValue);
        Check(InterestsPerRegistrationMax, 1, int.MaxValue);
        Check(ProvidersPerOrganizationMax, 1, int.MaxValue);
        Check(EventMetadataPerProviderMax, 1, int.MaxValue);
        Check(JournalRetention, TimeSpan.FromSeconds(1), TimeSpan.FromDays(3_650));
        Check(JournalPageBytesMax, 1, BodyBytesMax);
        Check(JournalPageEvents, 1, 100_000);
        Check(ConcurrencyPerRegistration, 1, 65_536);
        Check(ConcurrencyMax, 1, 65_536);
        Check(HealthWindow, TimeSpan.FromHours(1), TimeSpan.FromDays(365));
        Check(HealthAttemptsMin, 1, int.MaxValue);
        Check(HealthFailurePercentMax, 0, 100);
        Check(DeadLetterRetention, TimeSpan.FromSeconds(1), TimeSpan.FromDays(3_650));
        Check(DeadLettersPerRegistrationMax, 0, int.MaxValue);
        Check(ReplaysPerRegistrationMax, 1, int.MaxValue);
        Check(ReplaysMax, 1, int.MaxValue);
        Check(ReplayEventsPerSecond, 1, 1_000_000);
        Check(ReplayWindowPercent, 1, 100);
        Check(ClientCertificate.Lifetime, TimeSpan.FromDays(1), TimeSpan.FromDays(3_650));
        Check(ClientCertificate.ReissueBefore, TimeSpan.Zero, ClientCertificate.Lifetime / 2);
        Check(ClientCertificate.PublishAhead, TimeSpan.Zero, ClientCertificate.Lifetime);
        Check(EventBridge.AssociationTime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(3_650));
        Check(EventBridge.RequestBytesMax, 1, BodyBytesMax);
    }

    private static void Check<T>(T value, T min, T max, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            throw new FormatException($"Events:{name.Replace('.', ':')} is {value}. It must be from {min} to {max}.");
        }
    }
}
