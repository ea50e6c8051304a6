using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Signalbox.Events.Challenges;
using Signalbox.Events.Delivery;
using Signalbox.Events.Egress;
using Signalbox.Events.EventLog;
using Signalbox.Events.Notifications;
using Signalbox.Events.Registrations;
using Signalbox.Events.Stories;
using Signalbox.Events.Traffic;
using Signalbox.Identity;
using Signalbox.Identity.Provisioning;
using Signalbox.Identity.Tokens;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Events.Tests;

/// <summary>The room on a real Kestrel, with a real identity and database; only what other rooms do is recorded.</summary>
public sealed class EventsServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signalbox-test-").FullName;
    private readonly WebApplication _app;
    private int _published;

    private EventsServer(TestEngine engine, EventsOptions? options, bool delivers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Services.AddStorage(new StorageOptions
        {
            DataDirectory = _folder,
            PostgresConnectionString = engine == TestEngine.Postgresql ? PostgresServer.Instance.CreateDatabase() : null,
        });
        // Tests ask again and again while the clock stands still.
        builder.Services.AddSingleton(new IdentityOptions { RequestsPerWindowMax = 100_000_000 });
        builder.Services.AddIdentity();
        builder.Services.AddEvents(options ?? new EventsOptions());
        if (!delivers)
        {
            builder.Services.AddSingleton<IDeliveryQueue>(Queue);
            builder.Services.AddSingleton<IWebhookChallenge>(Challenge);
        }

        builder.Services.AddSingleton<IStatusNotices>(Notices);
        builder.Services.AddSingleton<IRuntimeHandlers>(Handlers);
        builder.Services.AddSingleton<IActivationFinder, NoActivations>();
        builder.Services.AddSingleton<IHostResolver>(Names);
        _app = builder.Build();
        _app.MapEvents();
        _app.MapGroup("/admin").MapEventsAdministration();
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    internal RecordingQueue Queue { get; } = new();

    internal RecordingChallenge Challenge { get; } = new();

    internal RecordingNotices Notices { get; } = new();

    internal RecordingHandlers Handlers { get; } = new();

    internal KnownNames Names { get; } = new();

    public HttpClient Http { get; private set; } = null!;

    public ProvisionedWorkspace Home { get; private set; } = null!;

    public string Workspace => $"/events/{Home.Workspace.OrganizationId}/{Home.Workspace.ProjectId}/{Home.Workspace.WorkspaceId}";

    public string ClientId => Home.Credential.ClientId.Value;

    /// <summary>Starts the room with its own delivery and challenge, allowed to reach webhooks on this machine.</summary>
    public static Task<EventsServer> StartDeliveringAsync(TestEngine engine = TestEngine.Sqlite, EventsOptions? options = null) =>
        StartAsync(new EventsServer(engine, options ?? new EventsOptions { AllowPrivateTargets = true }, delivers: true));

    public static Task<EventsServer> StartAsync(TestEngine engine = TestEngine.Sqlite, EventsOptions? options = null) =>
        StartAsync(new EventsServer(engine, options, delivers: false));

    private static async Task<EventsServer> StartAsync(EventsServer server)
    {
        await server._app.StartAsync();
        server.Home = await server.Get<IdentityProvisioning>().CreateAsync(new NewWorkspace(), default);
        server.Http = await server.SignInAsync(server.Home);
        return server;
    }

    /// <summary>Stops as on SIGTERM; what it stored can still be read.</summary>
    public Task StopAsync() => _app.StopAsync();

    public Task<long> CountAsync(string table) =>
        Get<Database>().WriteAsync(session => session.QuerySingleOrDefault<long>($"SELECT COUNT(*) FROM {table}"));

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>The log as another process has it, or this one after a restart.</summary>
    internal Events.EventLog.EventLog AnotherLog(EventsOptions? options = null) => new(
        Get<Database>(), Queue, Get<DeliveryClaim>(), new PublishedKeys(options ?? new EventsOptions()), Get<TrafficLedger>(), Clock);

    /// <summary>A client that calls as the workspace's credential.</summary>
    public async Task<HttpClient> SignInAsync(ProvisionedWorkspace workspace)
    {
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var token = await Get<TokenIssuer>().IssueAsync(workspace.Credential, TimeSpan.FromDays(365), default);
        var http = new HttpClient { BaseAddress = new Uri(address) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.AccessToken);
        http.DefaultRequestHeaders.Add("x-api-key", workspace.Credential.ClientId.Value);
        return http;
    }

    /// <summary>Another organization's workspace.</summary>
    public Task<ProvisionedWorkspace> CreateStrangerAsync() =>
        Get<IdentityProvisioning>().CreateAsync(new NewWorkspace { OrganizationName = "Stranger" }, default);

    public async Task<(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response)> SendAsync(
        HttpMethod method, string path, string? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
        }

        var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text is ['{' or '[', ..] ? JsonElement.Parse(text) : default, response);
    }

    public async Task<string> CreateProviderAsync(params string[] eventCodes)
    {
        var created = await SendAsync(HttpMethod.Post, Workspace + "/providers", """{"label":"Shop"}""");
        Assert.Equal(HttpStatusCode.Created, created.Status);
        var id = created.Body.GetProperty("id").GetString()!;
        foreach (var code in eventCodes)
        {
            var added = await SendAsync(
                HttpMethod.Post, $"{Workspace}/providers/{id}/eventmetadata",
                $$"""{"event_code":"{{code}}","label":"Label of {{code}}","description":"Described"}""");
            Assert.Equal(HttpStatusCode.Created, added.Status);
        }

        return id;
    }

    public string RegistrationJson(string name, string providerId, string code, string more = "\"delivery_type\":\"journal\"") =>
        $$"""{"client_id":"{{ClientId}}","name":"{{name}}","events_of_interest":[{"provider_id":"{{providerId}}","event_code":"{{code}}"}],{{more}}}""";

    public async Task<JsonElement> RegisterAsync(string name, string providerId, string code, string more = "\"delivery_type\":\"journal\"")
    {
        var created = await SendAsync(HttpMethod.Post, Workspace + "/registrations", RegistrationJson(name, providerId, code, more));
        Assert.Equal(HttpStatusCode.Created, created.Status);
        return created.Body;
    }

    /// <param name="id">Null: one that was not published before, beginning with <c>1</c>.</param>
    public async Task<HttpStatusCode> PublishAsync(string providerId, string code, string data = "{}", string? id = null) =>
        (await SendAsync(
            HttpMethod.Post, "/ingress",
            $$"""{"specversion":"1.0","id":"{{id ?? $"{Interlocked.Increment(ref _published)}"}}","source":"urn:uuid:{{providerId}}","type":"{{code}}","data":{{data}}}""",
            "application/cloudevents+json")).Status;

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

internal sealed class NoActivations : IActivationFinder
{
    public Task<IReadOnlyList<StoryActivation>> FindAsync(WorkspaceId workspace, string activationId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoryActivation>>([]);
}

internal sealed class RecordingQueue : IDeliveryQueue
{
    public List<(AcceptedEvent Event, IReadOnlyList<Registration> Recipients)> Offers { get; } = [];

    public void Offer(AcceptedEvent accepted, IReadOnlyList<Registration> recipients)
    {
        lock (Offers)
        {
            Offers.Add((accepted, recipients));
        }
    }
}

internal sealed class RecordingNotices : IStatusNotices
{
    public ConcurrentQueue<StatusNotice> Added { get; } = new();

    public void Add(WriteSession session, StatusNotice notice) => Added.Enqueue(notice);

    public void Ring()
    {
    }
}

internal sealed class RecordingChallenge : IWebhookChallenge
{
    public WebhookStatus Answer { get; set; } = WebhookStatus.Verified;

    public List<Registration> Probes { get; } = [];

    /// <summary>Nothing is answered before.</summary>
    public Task Until { get; set; } = Task.CompletedTask;

    public async Task<WebhookStatus> ProbeAsync(Registration registration, CancellationToken cancellationToken)
    {
        Probes.Add(registration);
        await Until;
        return Answer;
    }

    public Task<WebhookStatus?> FindStandingAsync(Registration registration, CancellationToken cancellationToken) =>
        Task.FromResult<WebhookStatus?>(null);
}

internal sealed class RecordingHandlers : IRuntimeHandlers
{
    public Dictionary<string, RuntimeHandlerSpec> Saved { get; } = [];

    public bool IsBroken { get; set; }

    public int BatchBytesMax => 1_000_000;

    /// <summary>Happens once, in the middle of the next save.</summary>
    public Func<Task>? DuringSave { get; set; }

    public Task<string?> FindObjectionAsync(WorkspaceId workspace, string runtimeAction, CancellationToken cancellationToken) =>
        Task.FromResult(runtimeAction == "pkg/web" ? "The action 'pkg/web' is a web action. Name a non-web action." : null);

    public Task<IReadOnlyList<RuntimeActionEntry>> ListActionsAsync(WorkspaceId workspace, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RuntimeActionEntry>>([new("pkg/act", "namespace", IsWeb: false), new("pkg/web", "namespace", IsWeb: true)]);

    public async Task SaveAsync(RuntimeHandlerSpec spec, CancellationToken cancellationToken)
    {
        if (DuringSave is { } happen)
        {
            DuringSave = null;
            await happen();
        }

        if (IsBroken)
        {
            throw new IOException("The runtime does not answer.");
        }

        Saved[spec.Suffix] = spec;
    }

    public Task RemoveAsync(WorkspaceId workspace, string suffix, CancellationToken cancellationToken)
    {
        Saved.Remove(suffix);
        return Task.CompletedTask;
    }

    public ValueTask<Uri?> FindUrlAsync(WorkspaceId workspace, string suffix, CancellationToken cancellationToken) => default;

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new InvalidOperationException($"There is no handler at {request.RequestUri}.");
}

/// <summary>Names that need no name server: unknown ones are public.</summary>
internal sealed class KnownNames : IHostResolver
{
    public Dictionary<string, IPAddress[]> Addresses { get; } = new() { ["localhost"] = [IPAddress.Loopback] };

    /// <summary>What was asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Whether there is no place for a registration's name.</summary>
    public bool IsFull { get; set; }

    public Task<IPAddress[]> ResolveAsync(string host, LookupPurpose purpose, CancellationToken cancellationToken)
    {
        Asked.Enqueue(host);
        return IsFull && purpose == LookupPurpose.Registration ? throw new NoLookupPlaceException(32, TimeSpan.FromSeconds(1)) : Task.FromResult(Addresses.GetValueOrDefault(host) ?? [IPAddress.Parse("93.184.216.34")]);
    }
}
