using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events.Challenges;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Delivery;
using Signalbox.Events.Egress;
using Signalbox.Events.EventBridge;
using Signalbox.Events.EventLog;
using Signalbox.Events.Health;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Events.Signing;
using Signalbox.Events.Stories;
using Signalbox.Events.Tracing;
using Signalbox.Events.Traffic;
using Signalbox.Identity;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Delivery;

/// <summary>One process's delivery actors over a test database, put together by hand.</summary>
internal sealed class DeliveryEngine : IRegistrationDirectory, IEventReader, IRuntimeHandlers, IHostResolver, IAttemptCounter, IActivationFinder, IAsyncDisposable
{
    private readonly TestDatabase _test;
    private readonly CancellationTokenSource _kill = new();
    private readonly DueDeliveries _due;
    private readonly WebhookClient _client;
    private readonly HttpMessageInvoker _handlers = new(new SocketsHttpHandler());
    private readonly DeliveryBell _bell;
    private bool _stopped;

    public event Action<Registration>? Changed;

    public DeliveryEngine(
        TestDatabase test, EventsOptions? options = null, DeliveryLimits? limits = null, IDeliverer? deliverer = null, string? node = null,
        ILogger<WebhookClient>? log = null)
    {
        _test = test;
        Options = options ?? new EventsOptions { AllowPrivateTargets = true };
        var clock = test.Clock;
        Claim = new DeliveryClaim(clock, node);
        Traces = new TraceStore(test.Database, clock);
        Store = new DeliveryStore(test.Database, Claim, Traces, new DeadLetterStore(test.Database, clock), clock);
        Keys = new SigningKeys(test.Database, test.Secrets, Options, clock);
        Signer = new Signer(Keys);
        _bell = new DeliveryBell(clock);
        _client = new WebhookClient(
            new CheckedConnector(new TargetCheck(new WebhookTargetPolicy(Options), this, clock), new EgressProxy(Options)), this, Options, clock, log ?? NullLogger<WebhookClient>.Instance);
        ClientSecretLookup secrets = (_, _) => ValueTask.FromResult<string?>("client-secret");
        deliverer ??= new Deliverer(
            Store, Signer, _client, new ProviderNames(test.Database), secrets, this, this, new TrafficLedger(clock),
            new EventBridgeSender(_client, new NoProviders(), Options, clock), this, this, clock, NullLogger<Deliverer>.Instance);
        Dispatcher = new Dispatcher(
            deliverer, new PooledAttempts(), _bell, Claim, limits ?? new DeliveryLimits(), Options, clock, NullLogger<Dispatcher>.Instance);
        _due = new DueDeliveries(Store, Dispatcher, _bell, this, this, clock, NullLogger<DueDeliveries>.Instance);
        Challenge = new Challenge(_client, secrets, this, Options, Traces, new ValidationStore(test.Database), new ChallengeResults(test.Database), clock, NullLogger<Challenge>.Instance);
    }

    public EventsOptions Options { get; }

    public DeliveryClaim Claim { get; }

    public DeliveryStore Store { get; }

    public TraceStore Traces { get; }

    public SigningKeys Keys { get; }

    public Signer Signer { get; }

    public Dispatcher Dispatcher { get; }

    public Challenge Challenge { get; }

    public ConcurrentDictionary<long, Registration> Registrations { get; init; } = new();

    public ConcurrentDictionary<long, AcceptedEvent> Events { get; init; } = new();

    public Func<string, System.Net.IPAddress[]> Resolve { get; set; } = System.Net.Dns.GetHostAddresses;

    public Uri? HandlerUrl { get; set; }

    /// <summary>What ran on behalf of whatever activation is asked for.</summary>
    public IReadOnlyList<StoryActivation> Activations { get; set; } = [];

    /// <summary>Attempts that count for their registration's status.</summary>
    public int Counted { get; private set; }

    public Task StartAsync() => _due.StartAsync(CancellationToken.None);

    /// <summary>Ends like a kill: what runs is abandoned.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        await _kill.CancelAsync();
        await _due.StopAsync(CancellationToken.None);
        await Dispatcher.StopAsync(_kill.Token);
        Dispatcher.Dispose();
        Signer.Dispose();
        Traces.Dispose();
        _client.Dispose();
        _handlers.Dispose();
        _due.Dispose();
        _kill.Dispose();
    }

    public Registration Register(long key, Uri? url, DeliveryType type = DeliveryType.Webhook, string? runtimeAction = null)
    {
        var registration = new Registration
        {
            Key = key,
            Id = new RegistrationId(Guid.NewGuid()),
            OrganizationId = new OrganizationId("1"),
            ProjectId = new ProjectId("2"),
            WorkspaceId = new WorkspaceId("3"),
            ClientId = new ClientId("client-1"),
            CredentialId = new CredentialId("4"),
            Name = $"registration {key}",
            Description = "",
            DeliveryType = type,
            WebhookUrl = url,
            RuntimeAction = runtimeAction,
            HandlerSuffix = runtimeAction is null ? null : "abcdefghij",
            IsEnabled = true,
            Status = WebhookStatus.Verified,
            Interests = [],
            CreatedAt = _test.Clock.GetUtcNow(),
            UpdatedAt = _test.Clock.GetUtcNow(),
            MeasuredSince = _test.Clock.GetUtcNow(),
        };
        Registrations[key] = registration;
        return registration;
    }

    /// <summary>Commits an edit.</summary>
    public Registration Edit(Registration edited)
    {
        edited = edited with { UpdatedAt = edited.UpdatedAt.AddMilliseconds(1) };
        Registrations[edited.Key] = edited;
        Changed?.Invoke(edited);
        return edited;
    }

    /// <summary>Commits a delivery's row, as the event log does.</summary>
    public async Task<AcceptedEvent> CommitAsync(long sequence, params Registration[] recipients)
    {
        var accepted = new AcceptedEvent
        {
            Sequence = sequence,
            EventId = Guid.NewGuid(),
            ProviderId = "provider-1",
            EventCode = "com.example.thing",
            Payload = Encoding.UTF8.GetBytes($$$"""{"specversion":"1.0","id":"{{{sequence}}}","source":"urn:x","type":"com.example.thing","data":{"n":1.50}}"""),
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            ReceivedAt = _test.Clock.GetUtcNow(),
        };
        Events[sequence] = accepted;
        var now = _test.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        await _test.Database.WriteAsync(session =>
        {
            foreach (var registration in recipients)
            {
                session.ExecutePrepared(
                    "INSERT INTO deliveries (registration_key, event_seq, next_attempt_at, claimed_by, claimed_until) VALUES (@r, @e, @now, @node, @until)",
                    ("r", registration.Key), ("e", sequence), ("now", now), ("node", Claim.Node), ("until", Claim.Until.ToUnixTimeMilliseconds()));
            }
        });
        return accepted;
    }

    /// <summary>Commits and offers.</summary>
    public async Task<AcceptedEvent> PublishAsync(long sequence, params Registration[] recipients)
    {
        var accepted = await CommitAsync(sequence, recipients);
        Dispatcher.Offer(accepted, recipients);
        return accepted;
    }

    public async Task<IReadOnlyList<JsonElement>> TracesAsync(Registration registration) =>
        [.. (await Traces.ListAsync(registration.Key, CancellationToken.None)).Select(d => JsonDocument.Parse(d).RootElement)];

    public Task<long> CountOwedAsync() =>
        _test.Database.WriteAsync(session => session.ScalarPrepared<long>("SELECT COUNT(*) FROM deliveries"));

    /// <summary>Waits, without moving the clock, until the condition holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>The only dead letter: its reason, its last code, its attempts.</summary>
    public Task<(string Reason, int LastCode, int Attempts)> DeadLetterAsync() =>
        _test.Database.WriteAsync(session => session.Query<(string, int, int)>("SELECT reason, last_code, attempts FROM dead_letters").Single());

    /// <summary>The next attempt's time of the only delivery's row, when its retry is that one.</summary>
    public async Task<DateTimeOffset> NextAttemptAsync(int retryCount)
    {
        long? next = null;
        await UntilAsync(async () =>
        {
            next = await _test.Database.WriteAsync(session => session.ScalarPrepared<long?>(
                "SELECT next_attempt_at FROM deliveries WHERE retry_count = @count", ("count", retryCount)));
            return next is not null;
        });
        return DateTimeOffset.FromUnixTimeMilliseconds(next!.Value);
    }

    void IAttemptCounter.Count(Registration registration, bool isSuccess, DateTimeOffset at) => Counted++;

    Task<IReadOnlyList<StoryActivation>> IActivationFinder.FindAsync(WorkspaceId workspace, string activationId, CancellationToken cancellationToken) =>
        Task.FromResult(Activations);

    ValueTask<Registration?> IRegistrationDirectory.FindAsync(long registrationKey, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Registrations.GetValueOrDefault(registrationKey));

    ValueTask<Registration?> IRegistrationDirectory.FindAsync(RegistrationId id, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Registrations.Values.FirstOrDefault(r => r.Id == id));

    Task<IReadOnlyList<AcceptedEvent>> IEventReader.ReadAsync(IReadOnlyCollection<long> sequences, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AcceptedEvent>>([.. sequences.Where(Events.ContainsKey).Order().Select(s => Events[s])]);

    public int BatchBytesMax => 1_000_000;

    public Task<IReadOnlyList<RuntimeActionEntry>> ListActionsAsync(WorkspaceId workspace, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RuntimeActionEntry>>([]);

    Task<string?> IRuntimeHandlers.FindObjectionAsync(WorkspaceId workspace, string runtimeAction, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    Task IRuntimeHandlers.SaveAsync(RuntimeHandlerSpec spec, CancellationToken cancellationToken) => Task.CompletedTask;

    Task IRuntimeHandlers.RemoveAsync(WorkspaceId workspace, string suffix, CancellationToken cancellationToken) => Task.CompletedTask;

    ValueTask<Uri?> IRuntimeHandlers.FindUrlAsync(WorkspaceId workspace, string suffix, CancellationToken cancellationToken) =>
        ValueTask.FromResult(HandlerUrl);

    Task<HttpResponseMessage> IRuntimeHandlers.SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _handlers.SendAsync(request, cancellationToken);

    Task<System.Net.IPAddress[]> IHostResolver.ResolveAsync(string host, LookupPurpose purpose, CancellationToken cancellationToken) =>
        Task.FromResult(Resolve(host));
}

internal sealed class NoProviders : IProviderDirectory
{
    public ValueTask<Provider?> FindAsync(string providerId, CancellationToken cancellationToken) => default;

    public ValueTask<Provider?> FindAsync(Guid providerId, CancellationToken cancellationToken) => default;
}
