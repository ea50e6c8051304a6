namespace Signalbox.Events;

/// <summary>Settings of the events room. Bound from the configuration section <c>Events</c>.</summary>
public sealed record EventsOptions
{
    /// <summary>The host name whose <c>POST /</c> is the ingress.</summary>
    public string IngressHost { get; init; } = "eventsingress.adobe.io";

    /// <summary>Largest body of a publish, in bytes.</summary>
    public int PublishBytesMax { get; init; } = 1 << 20;

    /// <summary>Events of one batch; more get 413.</summary>
    public int PublishBatchEventsMax { get; init; } = 100;

    /// <summary>Largest body of a batch, in bytes; each of its events is also held to <see cref="PublishBytesMax"/>.</summary>
    public int PublishBatchBytesMax { get; init; } = 4 << 20;

    /// <summary>
    /// Whether an event without <c>specversion</c> is refused. Older clients of the service send such events, so it is not
    /// by default; null: as the server's profile has it.
    /// </summary>
    public bool? SpecVersionRequired { get; init; }

    /// <summary>
    /// How long an event of the same source and id is acknowledged without being stored again; 0: every one is stored.
    /// The default outlasts the retries of a publisher that got no answer.
    /// </summary>
    public TimeSpan DeduplicationWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Sources and ids that are remembered, about 40 bytes each; the oldest go first, whatever the window. The default is
    /// what one API key can publish within the default window, and some more.
    /// </summary>
    public int DeduplicationEventsMax { get; init; } = 500_000;

    /// <summary>Publishes that one API key may send within <see cref="PublishWindow"/>; more get 429.</summary>
    public int PublishesPerWindowMax { get; init; } = 3_000;

    /// <summary>The window of <see cref="PublishesPerWindowMax"/>.</summary>
    public TimeSpan PublishWindow { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Registrations of one client id; more get 409.</summary>
    public int RegistrationsPerClientMax { get; init; } = 30;

    /// <summary>Registrations of one organization; more get 409.</summary>
    public int RegistrationsPerOrganizationMax { get; init; } = 2_500;

    /// <summary>Events of interest of one registration; more get 400.</summary>
    public int InterestsPerRegistrationMax { get; init; } = 1_000;

    /// <summary>Providers of one organization; more get 409. All are kept in memory.</summary>
    public int ProvidersPerOrganizationMax { get; init; } = 1_000;

    /// <summary>Event types of one provider; more get 409. All are kept in memory.</summary>
    public int EventMetadataPerProviderMax { get; init; } = 1_000;

    /// <summary>How long journaled events can be read.</summary>
    public TimeSpan JournalRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Largest body of a journal page, in bytes. A single larger event is still returned.</summary>
    public int JournalPageBytesMax { get; init; } = 1_500_000;

    /// <summary>Events of a journal page when the reader gives no <c>limit</c>.</summary>
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

    /// <summary>Requests that one registration's endpoint gets at once.</summary>
    public int ConcurrencyPerRegistration { get; init; } = 64;

    /// <summary>Requests in flight to all endpoints together.</summary>
    public int ConcurrencyMax { get; init; } = 512;

    /// <summary>
    /// How far back a registration's delivery attempts count for its status, and how long an unstable one is watched
    /// before it is judged again.
    /// </summary>
    public TimeSpan HealthWindow { get; init; } = TimeSpan.FromHours(24);

    /// <summary>With fewer attempts within the window a registration is never unstable.</summary>
    public int HealthAttemptsMin { get; init; } = 10;

    /// <summary>A larger share of failed attempts makes a registration unstable, then disabled.</summary>
    public int HealthFailurePercentMax { get; init; } = 80;

    /// <summary>How long deliveries that ended without success are kept.</summary>
    public TimeSpan DeadLetterRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Dead letters kept of one registration; the oldest go first.</summary>
    public int DeadLettersPerRegistrationMax { get; init; } = 100_000;

    /// <summary>Replays of one registration that may run at once; more get 409.</summary>
    public int ReplaysPerRegistrationMax { get; init; } = 5;

    /// <summary>Replays of all registrations that may run at once; more get 409.</summary>
    public int ReplaysMax { get; init; } = 100;

    /// <summary>The most that one replay delivers in a second.</summary>
    public int ReplayEventsPerSecond { get; init; } = 50;

    /// <summary>The share of a registration's window that one replay may take.</summary>
    public int ReplayWindowPercent { get; init; } = 25;
}
