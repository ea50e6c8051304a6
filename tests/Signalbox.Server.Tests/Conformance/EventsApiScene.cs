using System.Text.Json.Nodes;

namespace Signalbox.Server.Tests.Conformance;

/// <summary>What a case finds: a provider with two event types, one of them with a sample, and registrations of it.</summary>
internal sealed class EventsApiScene
{
    public const string Code = "order.placed";
    public const string CodeWithoutSample = "order.lost";

    private static int _scenes;

    private readonly int _number = Interlocked.Increment(ref _scenes);

    private EventsApiScene(WholeServer server) => Server = server;

    public WholeServer Server { get; }

    public string InstanceId => $"instance-{_number}";

    public string ProviderLabel => $"Provider {_number}";

    public string RegistrationName => $"Registration {_number}";

    public string ProviderId { get; private set; } = "";

    /// <summary>A registration for the journal, with a filter.</summary>
    public string RegistrationId { get; private set; } = "";

    public string FilterId { get; private set; } = "";

    public string UnfilteredRegistrationId { get; private set; } = "";

    /// <summary>A registration of a webhook, which was probed and has traces of that.</summary>
    public string TracedRegistrationId { get; private set; } = "";

    /// <summary>A position at the start of the journal.</summary>
    public string JournalStart { get; private set; } = "";

    public static async Task<EventsApiScene> SetAsync(WholeServer server)
    {
        var scene = new EventsApiScene(server);
        scene.ProviderId = Id(await server.CreateAsync(server.WorkspacePath + "/providers", scene.NewProviderJson($"\"instance_id\":\"{scene.InstanceId}\"")), "id");
        var events = $"{server.WorkspacePath}/providers/{scene.ProviderId}/eventmetadata";
        await server.CreateAsync(events, $$"""{"event_code":"{{Code}}","label":"Order placed","description":"Described","sample_event_template":"eyJjb2xvdXIiOiJyZWQifQ=="}""");
        await server.CreateAsync(events, $$"""{"event_code":"{{CodeWithoutSample}}","label":"Order placed","description":"Described"}""");
        var registrations = server.WorkspacePath + "/registrations";
        scene.RegistrationId = Id(await server.CreateAsync(registrations, scene.RegistrationJson(scene.RegistrationName)), "registration_id");
        scene.UnfilteredRegistrationId = Id(await server.CreateAsync(registrations, scene.RegistrationJson("Unfiltered")), "registration_id");
        scene.TracedRegistrationId = Id(
            await server.CreateAsync(registrations, scene.RegistrationJson("Traced", "\"delivery_type\":\"webhook\",\"webhook_url\":\"http://127.0.0.1:9/\"")), "registration_id");
        scene.FilterId = Id(
            await server.CreateAsync(
                $"{registrations}/{scene.RegistrationId}/filters", """{"name":"Red","subscriber_filter":"{\"data\":{\"colour\":[\"red\"]}}"}"""),
            "id");
        await scene.FindJournalStartAsync();
        return scene;
    }

    /// <summary>A call of an operation that succeeds, but for a body.</summary>
    public ApiCall Call(ApiOperation operation) => new(operation, new()
    {
        ["consumerOrgId"] = Server.Home.Workspace.OrganizationId.Value,
        ["projectId"] = Server.Home.Workspace.ProjectId.Value,
        ["workspaceId"] = Server.Home.Workspace.WorkspaceId.Value,
        ["credentialId"] = Server.Home.Credential.Id.Value,
        ["providerId"] = ProviderId,
        ["id"] = ProviderId,
        ["eventCode"] = Code,
        ["registrationId"] = RegistrationId,
        ["subscriberFilterId"] = FilterId,
    })
    {
        Token = Server.Token,
        ApiKey = Server.Home.Credential.ClientId.Value,
    };

    public string NewProviderJson(string more = "\"provider_metadata\":\"3rd_party_custom_events\"") =>
        $$"""{"label":"{{ProviderLabel}}","description":"Described","docs_url":"https://example.com/docs",{{more}}}""";

    public string RegistrationJson(string name, string delivery = "\"delivery_type\":\"journal\"") =>
        $$"""{"client_id":"{{Server.Home.Credential.ClientId}}","name":"{{(name == RegistrationName ? name : $"{name} {_number}")}}","description":"Described","events_of_interest":[{"provider_id":"{{ProviderId}}","event_code":"{{Code}}"},{"provider_id":"{{ProviderId}}","event_code":"{{CodeWithoutSample}}"}],{{delivery}}}""";

    private async Task FindJournalStartAsync()
    {
        using var request = Server.NewRequest(
            HttpMethod.Get, $"/events/organizations/{Server.Home.Workspace.OrganizationId}/integrations/{Server.Home.Credential.Id}/{RegistrationId}");
        using var response = await Server.Http.SendAsync(request);
        var next = response.Headers.GetValues("link").SelectMany(l => l.Split(',')).First(l => l.Contains("rel=\"next\"", StringComparison.Ordinal));
        JournalStart = Uri.UnescapeDataString(next.Split("since=")[1].Split('&', '>')[0]);
    }

    private static string Id(JsonNode resource, string member) => resource[member]!.GetValue<string>();
}
