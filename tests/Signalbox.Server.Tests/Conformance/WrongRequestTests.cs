using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signalbox.Server.Tests.Conformance;

/// <summary>
/// Requests that no program should send: whatever it is, the answer says what is wrong in the one documented form, and is
/// never 5xx. The random ones start from calls that succeed; a failure names the seed that shows it again.
/// </summary>
public sealed class WrongRequestTests(WholeServer server) : IClassFixture<WholeServer>
{
    private const int RequestsPerSeed = 60;

    private static readonly ApiDescription _description = ApiDescription.Load(Path.Combine(AppContext.BaseDirectory, "Conformance", "events-api-reference.yaml"));

    private static readonly string[] _methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"];
    private static readonly string[] _names = ["..", "ü€𝄞", "'; DROP TABLE providers; --", "{}", "%25", new('a', 3_000), "null", "-1", "a/b", "00000000-0000-4000-8000-000000000000"];
    private static readonly string[] _queries = ["?page=-1&size=x", "?page=2147483647&size=100", "?eventmetadata=maybe", "?providerMetadataId=a&providerMetadataIds=b", "?limit=99999999999999999999", "?since=%FF", "?seek=P&latest=x", "?a[]=&&&=%"];
    private static readonly string[] _types = ["text/plain", "application/xml", "nonsense", "application/json; charset=utf-16", "multipart/form-data; boundary=x"];
    private static readonly string[] _values =
    [
        "null", "true", "1e999", "-0", "123456789012345678901234567890", "\"\"", "[]", "{}", "\"\\ud800\"", "\"\\u0000\"", $"\"{new string('x', 10_000)}\"",
        new string('[', 5_000) + new string(']', 5_000), "[null]", "[{}]", "{\"a\":{\"a\":1}}",
    ];

    [Theory]
    [InlineData("GET", "/nowhere", 404), InlineData("GET", "/events", 404), InlineData("GET", "/events/a/b/c/d/e/f/g/h", 404), InlineData("POST", "/ims/nowhere", 404)]
    [InlineData("DELETE", "/ingress", 405), InlineData("BREW", "/events/providermetadata", 405), InlineData("PUT", "/events/1/registrations", 405), InlineData("POST", "/events/organizations/1/integrations/1/1", 405)]
    public async Task An_unknown_path_or_method_is_told_what_there_is(string method, string path, int status)
    {
        using var request = server.NewRequest(new HttpMethod(method), path);
        request.Headers.Add("x-request-id", "bad id, with spaces");
        using var response = await server.Http.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Null(Objection(response, await response.Content.ReadAsStringAsync()));
        Assert.DoesNotContain(' ', Assert.Single(response.Headers.GetValues("x-request-id")));
        Assert.Equal(status == 405, response.Content.Headers.Allow.Count > 0);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public Task Random_wrong_requests_are_refused_in_one_form(int seed) => SendRandomAsync(seed);

    /// <summary>A seed that is new in each run, so that the requests of many runs cover more than those of one.</summary>
    [Fact]
    public Task Random_wrong_requests_of_a_new_seed_are_refused_in_one_form() => SendRandomAsync(Random.Shared.Next());

    private async Task SendRandomAsync(int seed)
    {
        var random = new Random(seed);
        var scene = await EventsApiScene.SetAsync(server);
        var refused = 0;
        for (var i = 0; i < RequestsPerSeed; i++)
        {
            using var request = Wrong(scene, random);
            var told = $"seed {seed}, request {i}: {request.Method} {Shorten(request.RequestUri!.OriginalString)} {Shorten(await TextAsync(request.Content))}";
            using var response = await server.Http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode < 500, $"{told}\nanswered {(int)response.StatusCode}: {text}");
            if (!response.IsSuccessStatusCode)
            {
                refused++;
                Assert.True(Objection(response, text) is not { } objection, $"{told}\nanswered {(int)response.StatusCode}, which {Objection(response, text)}: {text}");
            }
        }

        Assert.InRange(refused, RequestsPerSeed / 2, RequestsPerSeed);
    }

    /// <summary>A call that succeeds, with one to three things made wrong.</summary>
    private static HttpRequestMessage Wrong(EventsApiScene scene, Random random)
    {
        var operation = _description.Operations[random.Next(_description.Operations.Count)];
        var call = scene.Call(operation);
        EventsApiCases.Find(operation, operation.Schemas.Keys.First(s => s is "default" || s.StartsWith('2')))!(call, scene);
        var body = Encoding.UTF8.GetBytes(call.Body ?? "{}");
        var request = call.ToRequest("wrong");
        for (var faults = random.Next(1, 4); faults > 0; faults--)
        {
            switch (random.Next(7))
            {
                case 0:
                    var names = call.Names.Keys.Where(n => operation.Path.Contains(n, StringComparison.Ordinal)).ToList();
                    call.Names[Pick(random, names)] = Pick(random, _names);
                    break;
                case 1:
                    call.Query = Pick(random, _queries);
                    break;
                case 2:
                    request.Method = new HttpMethod(Pick(random, _methods));
                    break;
                case 3:
                    request.Headers.Remove("If-Match");
                    request.Headers.TryAddWithoutValidation("If-Match", random.Next(2) == 0 ? "nonsense" : "\"stale\"");
                    break;
                default:
                    body = WrongBody(body, random);
                    break;
            }
        }

        using var built = call.ToRequest("wrong");
        request.RequestUri = built.RequestUri;
        request.Content = request.Method == HttpMethod.Get || request.Method == HttpMethod.Head ? null : new ByteArrayContent(body);
        request.Content?.Headers.TryAddWithoutValidation(
            "content-type", random.Next(12) == 0 ? Pick(random, _types) : operation.Consumes.FirstOrDefault() ?? "application/json");
        return request;
    }

    private static byte[] WrongBody(byte[] body, Random random)
    {
        switch (random.Next(7))
        {
            case 0:
                return body[..random.Next(body.Length + 1)];
            case 1 when body.Length > 0:
                var flipped = body.ToArray();
                flipped[random.Next(flipped.Length)] = (byte)random.Next(256);
                return flipped;
            case 2:
                return [.. body, .. "{}"u8];
            case 3:
                return Encoding.UTF8.GetBytes(Pick(random, _values));
            case 4 when body is [(byte)'{', ..]:
                return [.. "{\"name\":1,\"name\":2,\"label\":1,\"label\":2,"u8, .. body.AsSpan(1)];
            default:
                return WithWrongValue(body, random);
        }
    }

    /// <summary>Another value for one member, as text, because some of the values are no JSON that a library would write.</summary>
    private static byte[] WithWrongValue(byte[] body, Random random)
    {
        try
        {
            var root = JsonNode.Parse(body);
            if ((root is JsonArray { Count: > 0 } list ? list[0] : root) is not JsonObject { Count: > 0 } target)
            {
                return body;
            }

            target[Pick(random, [.. target.Select(m => m.Key)])] = "@value@";
            return Encoding.UTF8.GetBytes(root!.ToJsonString().Replace("\"@value@\"", Pick(random, _values), StringComparison.Ordinal));
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            return body;
        }
    }

    /// <summary>What is wrong with the answer that refuses; null when nothing is.</summary>
    private static string? Objection(HttpResponseMessage response, string text)
    {
        if (!response.Headers.TryGetValues("x-request-id", out var ids) || ids.Single() is not { Length: > 0 } id)
        {
            return "has no x-request-id";
        }

        if (response.StatusCode == HttpStatusCode.MethodNotAllowed && response.Content.Headers.Allow.Count == 0)
        {
            return "does not say which methods are allowed";
        }

        if (response.RequestMessage!.Method == HttpMethod.Head)
        {
            return null;
        }

        if (response.StatusCode == HttpStatusCode.Gone)
        {
            return text.Length > 0 ? null : "is empty";
        }

        try
        {
            using var body = JsonDocument.Parse(text);
            return body.RootElement.GetProperty("reason").GetString()!.Length == 0 ? "has no reason"
                : body.RootElement.GetProperty("message").GetString()!.Length < 20 ? "says too little"
                : body.RootElement.GetProperty("errors").EnumerateArray().Any(e => e.GetProperty("message").GetString()!.Length < 20) ? "says too little of a field"
                : body.RootElement.GetProperty("request_id").GetString() != id ? "has another id in its body"
                : text.Contains("   at ", StringComparison.Ordinal) || text.Contains("Exception", StringComparison.Ordinal) ? "shows the inside of the server"
                : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "is not of the documented form";
        }
    }

    private static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private static async Task<string> TextAsync(HttpContent? content) => content is null ? "" : Encoding.Latin1.GetString(await content.ReadAsByteArrayAsync());

    private static string Shorten(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
