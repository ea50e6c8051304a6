using System.Text.Json;

namespace Signalbox.Server.Tests.Conformance;

/// <summary>Walks the public description of the events API: every operation answers with every status that it documents, as described.</summary>
public sealed class EventsApiTests(WholeServer server) : IClassFixture<WholeServer>
{
    private static readonly ApiDescription _description = ApiDescription.Load(Path.Combine(AppContext.BaseDirectory, "Conformance", "events-api-reference.yaml"));

    /// <summary>Described members that are there only when their resource has them.</summary>
    private static readonly HashSet<string> _optional = ["webhook_url", "runtime_action", "_embedded"];

    public static IEnumerable<TheoryDataRow<string, string>> Documented =>
        from operation in _description.Operations
        from status in operation.Schemas.Keys
        select new TheoryDataRow<string, string>(operation.Id, status);

    [Fact]
    public void Every_documented_status_has_a_case_or_a_reason()
    {
        var documented = _description.Operations.SelectMany(o => o.Schemas.Keys.Select(s => (Operation: o, Status: s))).ToList();

        Assert.Equal(32, _description.Operations.Count);
        Assert.Empty(documented.Where(d => (EventsApiCases.Find(d.Operation, d.Status) is null) != EventsApiCases.NotProduced.ContainsKey($"{d.Operation.Id} {d.Status}"))
            .Select(d => $"{d.Operation.Id} {d.Status}"));
        Assert.Empty(EventsApiCases.All.Keys.Except(documented.Select(d => $"{d.Operation.Id} {d.Status}")));
    }

    [Theory, MemberData(nameof(Documented))]
    public async Task A_documented_status_is_answered_as_described(string operationId, string status)
    {
        var operation = _description.Operations.Single(o => o.Id == operationId);
        if (EventsApiCases.Find(operation, status) is not { } arrange)
        {
            Assert.Contains($"{operationId} {status}", EventsApiCases.NotProduced);
            return;
        }

        var scene = await EventsApiScene.SetAsync(server);
        var call = scene.Call(operation);
        arrange(call, scene);
        var id = $"conformance-{Guid.NewGuid():N}";
        using var request = call.ToRequest(id);
        using var response = await server.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        var told = $"{operation.Method} {request.RequestUri} answered {(int)response.StatusCode}: {text}";
        Assert.True(status == "default" ? response.IsSuccessStatusCode : status == $"{(int)response.StatusCode}", told);
        Assert.Equal(id, Assert.Single(response.Headers.GetValues("x-request-id")));
        if (!response.IsSuccessStatusCode)
        {
            AssertExplained(operation, text, id);
        }
        else if (text.Length > 0 && operation.Produces.Count > 0)
        {
            Assert.Contains(response.Content.Headers.ContentType!.MediaType, operation.Produces);
        }

        if (operation.Schemas[status] is { } schema)
        {
            using var body = JsonDocument.Parse(text);
            Assert.Empty(_description.Validate(schema, body.RootElement));
            Assert.All(_description.MembersOf(schema).Except(_optional), member => Assert.True(HasMember(body.RootElement, member), $"{member} is missing: {told}"));
        }
        else if (status == "204")
        {
            Assert.Empty(text);
        }
    }

    [Fact]
    public void A_body_that_is_not_as_described_is_noticed()
    {
        var schema = _description.Operations.Single(o => o.Id == "getRegistrationById").Schemas["200"]!;

        Assert.Empty(_description.Validate(schema, JsonElement.Parse("""{"id":7,"enabled":true,"_links":{"self":{"href":"x"}}}""")));
        Assert.NotEmpty(_description.Validate(schema, JsonElement.Parse("""{"id":"7"}""")));
        Assert.NotEmpty(_description.Validate(schema, JsonElement.Parse("""{"_links":{"self":{"href":7}}}""")));
        Assert.NotEmpty(_description.Validate(schema, JsonElement.Parse("""{"events_of_interest":[{"provider_id":"x"}]}""")));
        Assert.NotEmpty(_description.Validate(schema, JsonElement.Parse("[]")));
    }

    private static bool HasMember(JsonElement body, string member) => body.ValueKind == JsonValueKind.Object && body.TryGetProperty(member, out _);

    private static void AssertExplained(ApiOperation operation, string text, string requestId)
    {
        if (operation.Method == HttpMethod.Head)
        {
            return;
        }

        using var body = JsonDocument.Parse(text);
        Assert.NotEmpty(body.RootElement.GetProperty("reason").GetString()!);
        Assert.True(body.RootElement.GetProperty("message").GetString()!.Length > 20, text);
        Assert.Equal(JsonValueKind.Array, body.RootElement.GetProperty("errors").ValueKind);
        Assert.Equal(requestId, body.RootElement.GetProperty("request_id").GetString());
        Assert.DoesNotContain("secret detail", text, StringComparison.Ordinal);
    }
}
