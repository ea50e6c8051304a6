namespace Signalbox.Server.Tests.Conformance;

/// <summary>
/// How each documented status of each operation is brought about. A case starts from a call that succeeds, in a scene of
/// its own (<see cref="EventsApiScene"/>), and says what is different; the statuses that every operation documents alike are made by rule.
/// </summary>
internal static class EventsApiCases
{
    private const string Unknown = "00000000-0000-4000-8000-000000000000";
    private const string NewEvent = """{"event_code":"new.code","label":"New","description":"A new one"}""";
    private const string SameEvent = """{"event_code":"order.placed","label":"Changed","description":"A changed one","sample_event_template":"eyJhIjoxLjB9"}""";
    private const string OtherEvent = """{"event_code":"other.code","label":"Changed","description":"A changed one"}""";
    private const string Relabel = """[{"op":"replace","path":"/label","value":"Patched"}]""";
    private const string Nothing = """[{"op":"test","path":"/label","value":"Order placed"}]""";
    private const string Filter = """{"name":"Only red ones","description":"","subscriber_filter":"{\"data\":{\"colour\":[\"red\"]}}"}""";
    private const string BrokenFilter = """{"name":"Broken","subscriber_filter":"{\"data\":7}"}""";
    private const string Trial = """{"subscriber_filter":{"name":"Only red ones","subscriber_filter":"{\"data\":{\"colour\":[\"red\"]}}"},"custom_sample_events":[{"name":"mine","sample_payload":{"data":{"colour":"red"}}}]}""";

    /// <summary>Statuses that the description has and that are not produced, each with its reason. There is none.</summary>
    public static IReadOnlyDictionary<string, string> NotProduced { get; } = new Dictionary<string, string>();

    /// <summary>By operation and status, such as <c>createProvider 409</c>.</summary>
    public static IReadOnlyDictionary<string, Action<ApiCall, EventsApiScene>> All { get; } = new Dictionary<string, Action<ApiCall, EventsApiScene>>
    {
        ["getByProviderIdAndEventCode 200"] = Plain,
        ["getByProviderIdAndEventCode 404"] = UnknownCode,
        ["getByProviderId 200"] = Plain,
        ["getByProviderId 404"] = UnknownProvider,
        ["postEventMetadata 201"] = (call, _) => call.Body = NewEvent,
        ["postEventMetadata 404"] = (call, _) => (call.Names["providerId"], call.Body) = (Unknown, NewEvent),
        ["deleteByProviderId 204"] = Plain,
        ["deleteByProviderId 404"] = UnknownProvider,
        ["putEventMetadata 200"] = (call, _) => call.Body = SameEvent,
        ["putEventMetadata 400"] = (call, _) => call.Body = OtherEvent,
        ["putEventMetadata 404"] = (call, _) => (call.Names["eventCode"], call.Body) = ("unknown", SameEvent.Replace("order.placed", "unknown", StringComparison.Ordinal)),
        ["patchEventMetadata 200"] = (call, _) => call.Body = Relabel,
        ["patchEventMetadata 204"] = (call, _) => call.Body = Nothing,
        ["patchEventMetadata 400"] = (call, _) => call.Body = """[{"op":"replace","path":"/event_code","value":"other.code"}]""",
        ["patchEventMetadata 404"] = (call, _) => (call.Names["eventCode"], call.Body) = ("unknown", Relabel),
        ["deleteByProviderIdAndEventCode 204"] = Plain,
        ["deleteByProviderIdAndEventCode 404"] = UnknownCode,

        ["getProvidersByConsumerOrgId 200"] = (call, scene) => call.Query = $"?eventmetadata=true&instanceId={scene.InstanceId}",
        ["getProvidersByConsumerOrgId 404"] = (call, _) => call.Query = "?instanceId=unknown",
        ["getProvidersById 200"] = (call, _) => call.Query = "?eventmetadata=true",
        ["getProvidersById 404"] = (call, _) => call.Names["id"] = Unknown,
        ["createProvider 201"] = (call, scene) => call.Body = scene.NewProviderJson(),
        ["createProvider 403"] = (call, scene) => call.Body = scene.NewProviderJson("\"provider_metadata\":\"creative_cloud_libraries\",\"instance_id\":\"a\""),
        ["createProvider 404"] = (call, scene) => call.Body = scene.NewProviderJson("\"provider_metadata\":\"unknown\",\"instance_id\":\"a\""),
        ["createProvider 409"] = (call, scene) => call.Body = scene.NewProviderJson($"\"instance_id\":\"{scene.InstanceId}\""),
        ["putProvider 200"] = (call, scene) => call.Body = scene.NewProviderJson(),
        ["putProvider 404"] = (call, scene) => (call.Names["providerId"], call.Body) = (Unknown, scene.NewProviderJson()),
        ["patchProvider 200"] = (call, _) => call.Body = Relabel,
        ["patchProvider 204"] = (call, scene) => call.Body = $$"""[{"op":"replace","path":"/label","value":"{{scene.ProviderLabel}}"}]""",
        ["patchProvider 404"] = (call, _) => (call.Names["providerId"], call.Body) = (Unknown, Relabel),
        ["deleteProvider 204"] = Plain,
        ["deleteProvider 404"] = UnknownProvider,

        ["getSampleByProviderIdAndEventCode 200"] = Plain,
        ["getSampleByProviderIdAndEventCode 404"] = WithoutSample,
        ["checkSampleEvent 200"] = Plain,
        ["checkSampleEvent 404"] = WithoutSample,
        ["postSampleEventForRegistration 200"] = Plain,
        ["postSampleEventForRegistration 204"] = WithoutSample,

        ["validateAndGetEventsFromJournal default"] = (call, scene) => call.Query = $"?since={Uri.EscapeDataString(scene.JournalStart)}",
        ["getEventsFromJournal default"] = Plain,

        ["createRegistration 201"] = (call, scene) => call.Body = scene.RegistrationJson("A new one"),
        ["createRegistration 400"] = (call, _) => call.Body = """{"name":"Only a name"}""",
        ["createRegistration 404"] = UnknownWorkspace,
        ["createRegistration 409"] = (call, scene) => call.Body = scene.RegistrationJson(scene.RegistrationName),
        ["getRegistrations 200"] = Plain,
        ["getRegistrations 404"] = UnknownWorkspace,
        ["getRegistrationById 200"] = Plain,
        ["getRegistrationById 404"] = UnknownRegistration,
        ["updateRegistrationById 200"] = (call, scene) => call.Body = scene.RegistrationJson("A changed one"),
        ["updateRegistrationById 400"] = (call, _) => call.Body = """{"name":"Only a name"}""",
        ["updateRegistrationById 404"] = UnknownRegistration,
        ["patchRegistrationById 200"] = (call, _) => call.Body = """[{"op":"replace","path":"/description","value":"Patched"}]""",
        ["patchRegistrationById 400"] = (call, _) => call.Body = """[{"op":"remove","path":"/name"}]""",
        ["patchRegistrationById 404"] = UnknownRegistration,
        ["deleteRegistration 204"] = Plain,
        ["deleteRegistration 404"] = UnknownRegistration,
        ["getRegistrationByConsumerOrgId 200"] = (call, _) => call.Query = "?page=0&size=100",
        ["getRegistrationByConsumerOrgId 400"] = (call, _) => call.Query = "?size=0",

        ["getAllSubscriberFilters 200"] = Plain,
        ["getAllSubscriberFilters 404"] = UnknownRegistration,
        ["createSubscriberFilter 201"] = (call, scene) =>
        {
            call.Names["registrationId"] = scene.UnfilteredRegistrationId;
            call.Body = Filter;
        },
        ["createSubscriberFilter 400"] = (call, _) => call.Body = BrokenFilter,
        ["createSubscriberFilter 404"] = UnknownRegistration,
        ["getSubscriberFilterById 200"] = Plain,
        ["getSubscriberFilterById 404"] = UnknownFilter,
        ["updateSubscriberFilter 200"] = (call, _) => call.Body = Filter,
        ["updateSubscriberFilter 400"] = (call, _) => call.Body = BrokenFilter,
        ["updateSubscriberFilter 404"] = UnknownFilter,
        ["deleteSubscriberFilter 204"] = Plain,
        ["deleteSubscriberFilter 404"] = UnknownFilter,
        ["validateFilters 200"] = (call, _) => call.Body = Trial,
        ["validateFilters 400"] = (call, _) => call.Body = $$"""{"subscriber_filter":{{BrokenFilter}}}""",
        ["validateFilters 404"] = UnknownRegistration,

        ["getTracesApi 200"] = (call, scene) => call.Names["registrationId"] = scene.TracedRegistrationId,
        ["getTracesApi 404"] = UnknownRegistration,
    };

    /// <summary>
    /// The case of a status. 401, 403 and 500 are documented by many operations and made alike: by the operation's successful
    /// call without a token, with a stranger's, and where the server meets a bug.
    /// </summary>
    public static Action<ApiCall, EventsApiScene>? Find(ApiOperation operation, string status) =>
        All.TryGetValue($"{operation.Id} {status}", out var known) ? known
        : FindSuccess(operation) is not { } success ? null
        : status switch
        {
            "401" => success + ((call, _) => call.Token = null),
            "403" => success + ((call, scene) => (call.Token, call.ApiKey) = (scene.Server.StrangersToken, scene.Server.Stranger.Credential.ClientId.Value)),
            "500" => success + ((call, _) => call.HitsBug = true),
            _ => null,
        };

    private static Action<ApiCall, EventsApiScene>? FindSuccess(ApiOperation operation) =>
        operation.Schemas.Keys.Where(s => s is "default" || s.StartsWith('2')).Select(s => All.GetValueOrDefault($"{operation.Id} {s}")).FirstOrDefault(c => c is not null);

    private static void Plain(ApiCall call, EventsApiScene scene)
    {
    }

    private static void UnknownProvider(ApiCall call, EventsApiScene scene) => call.Names["providerId"] = Unknown;

    private static void UnknownCode(ApiCall call, EventsApiScene scene) => call.Names["eventCode"] = "unknown";

    private static void WithoutSample(ApiCall call, EventsApiScene scene) => call.Names["eventCode"] = EventsApiScene.CodeWithoutSample;

    private static void UnknownWorkspace(ApiCall call, EventsApiScene scene) => call.Names["workspaceId"] = "1";

    private static void UnknownRegistration(ApiCall call, EventsApiScene scene) => call.Names["registrationId"] = Unknown;

    private static void UnknownFilter(ApiCall call, EventsApiScene scene) => call.Names["subscriberFilterId"] = Unknown;
}
