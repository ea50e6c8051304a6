using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Signalbox.EndToEnd.Tests;

/// <summary>Bad input at every endpoint: a clear error body, never a 500, never a stack trace.</summary>
public sealed partial class BadInputTests(RunningServer running) : IAsyncLifetime
{
    private const string Json = "application/json";
    private const string CloudEvents = "application/cloudevents+json";
    private const string JsonPatch = "application/json-patch+json";

    private const string UnknownId = "00000000-0000-4000-8000-000000000000";

    private PublishedType _type = null!;
    private Registration _registration = null!;

    private static readonly string[] _malformed = ["", "{", "[1,", "\"", "nul", "{\"a\":1}}", "\u0001", "{\"a\":\"\\ud800\"}", "{\"a\":1,\"a\":2"];
    private static readonly string[] _wrongShapes = ["null", "1", "\"text\"", "[]", "[[[]]]", "true", "{\"name\":{}}"];

    /// <summary>Endpoints with a body of JSON: method, path, credentials, content type.</summary>
    private static readonly (string Method, string Path, Credentials As, string Type)[] _jsonEndpoints =
    [
        ("POST", "{workspace}/providers", Credentials.Bearer, Json),
        ("PUT", "{workspace}/providers/{provider}", Credentials.Bearer, Json),
        ("PATCH", "{workspace}/providers/{provider}", Credentials.Bearer, JsonPatch),
        ("POST", "{workspace}/providers/{provider}/eventmetadata", Credentials.Bearer, Json),
        ("PUT", "{workspace}/providers/{provider}/eventmetadata/com.example.order.placed", Credentials.Bearer, Json),
        ("PATCH", "{workspace}/providers/{provider}/eventmetadata/com.example.order.placed", Credentials.Bearer, JsonPatch),
        ("POST", "{workspace}/registrations", Credentials.Bearer, Json),
        ("PUT", "{workspace}/registrations/{registration}", Credentials.Bearer, Json),
        ("PATCH", "{workspace}/registrations/{registration}", Credentials.Bearer, JsonPatch),
        ("POST", "/ingress", Credentials.Bearer, CloudEvents),
        ("PUT", "/api/v1/namespaces/{ns}/actions/shop/bad", Credentials.Basic, Json),
        ("PUT", "/api/v1/namespaces/{ns}/packages/bad", Credentials.Basic, Json),
        ("POST", "/api/v1/namespaces/{ns}/actions/shop/bad-input", Credentials.Basic, Json),
    ];

    public static TheoryData<BadInput> Requests
    {
        get
        {
            var data = new TheoryData<BadInput>();
            foreach (var request in WrongBodies().Concat(WrongFields()).Concat(WrongTypes()).Concat(TooLarge()).Concat(Unknown()).Concat(WrongQueries()))
            {
                data.Add(request);
            }

            return data;
        }
    }

    public async ValueTask InitializeAsync()
    {
        await running.Client.PutActionAsync("shop/bad-input", "function main () { return {} }");
        _type = await PublishedType.CreateAsync(running.Client);
        _registration = await _type.RegisterJournalAsync();
    }

    public async ValueTask DisposeAsync() => await _registration.DisposeAsync();

    [Fact]
    public async Task Every_endpoint_answers_bad_input_with_a_clear_error_and_never_500()
    {
        var failures = new List<string>();
        foreach (var request in Requests.Select(row => row.Data))
        {
            var answer = await SendAsync(request);
            if (Objection(request, answer) is { } objection)
            {
                failures.Add($"{request}\n      {objection}: {(int)answer.Status} {Shorten(answer.Text)}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {Requests.Count}:\n  {string.Join("\n  ", failures)}");
        Assert.DoesNotContain("Unhandled error", running.Server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_all_bad_input_the_good_still_works()
    {
        await Every_endpoint_answers_bad_input_with_a_clear_error_and_never_500();

        var id = await _type.PublishAsync();
        Assert.Contains(await _registration.ReadJournalAsync(), e => e["event"]!["id"]!.GetValue<string>() == id);
    }

    [Theory]
    [InlineData("/events/%00/providers")]
    [InlineData("/api/v1/namespaces/_/actions/a%00b")]
    public async Task A_path_that_HTTP_forbids_is_refused_before_anything_reads_it(string path) =>
        (await running.Client.SendAsync(HttpMethod.Get, path, running.Client.RuntimeCredentials)).Expect(HttpStatusCode.BadRequest);

    private static IEnumerable<BadInput> WrongBodies() =>
        from endpoint in _jsonEndpoints
        from body in _malformed.Concat(_wrongShapes)
            // Actions may be invoked without a body, packages created from any object; unknown members are ignored.
        where !(endpoint.Method == "POST" && endpoint.Path.Contains("/actions/", StringComparison.Ordinal) && (body.Length == 0 || body == "{\"name\":{}}"))
        where !(endpoint.Path.Contains("/packages/", StringComparison.Ordinal) && body is "" or "{\"name\":{}}")
        // Half a surrogate pair is JSON; what it means is the action's to say.
        where !(endpoint.As == Credentials.Basic && body.Contains("ud800", StringComparison.Ordinal))
        // An empty patch changes nothing.
        where !(endpoint.Method == "PATCH" && body == "[]")
        select new BadInput(endpoint.Method, endpoint.Path, endpoint.As, body, endpoint.Type, 400);

    private static IEnumerable<BadInput> WrongFields() =>
    [
        Bearer("POST", "{workspace}/providers", """{"description":"no label"}""", 400),
        Bearer("POST", "{workspace}/providers", """{"label":1}""", 400),
        Bearer("POST", "{workspace}/providers", """{"label":""}""", 400),
        Bearer("POST", "{workspace}/providers", $$"""{"label":"{{new string('x', 256)}}"}""", 400),
        Bearer("POST", "{workspace}/providers", """{"label":"<script>"}""", 400),
        Bearer("POST", "{workspace}/providers", """{"label":"a","docs_url":"ftp://nowhere"}""", 400),
        Bearer("POST", "{workspace}/providers", """{"label":"a","provider_metadata":"unheard_of"}""", 400, 404),
        Bearer("POST", "{workspace}/providers/{provider}/eventmetadata", """{"event_code":"has space","label":"a","description":"b"}""", 400),
        Bearer("POST", "{workspace}/providers/{provider}/eventmetadata", """{"event_code":"a","label":"a"}""", 400),
        Bearer("POST", "{workspace}/providers/{provider}/eventmetadata", """{"event_code":["a"],"label":"a","description":"b"}""", 400),
        Bearer("POST", "{workspace}/providers/{provider}/eventmetadata", """{"event_code":"a","label":"a","description":"b","sample_event_template":"%%%"}""", 400),
        Bearer("PUT", "{workspace}/providers/{provider}/eventmetadata/com.example.order.placed", """{"event_code":"another","label":"a","description":"b"}""", 400),
        Bearer("POST", "{workspace}/registrations", """{"name":"no interests","client_id":"{client}","delivery_type":"journal"}""", 400),
        Bearer("POST", "{workspace}/registrations", """{"name":"no interests","client_id":"{client}","delivery_type":"journal","events_of_interest":[]}""", 400),
        Bearer("POST", "{workspace}/registrations", """{"name":"interests of a wrong type","client_id":"{client}","delivery_type":"journal","events_of_interest":"all"}""", 400),
        Bearer("POST", "{workspace}/registrations", """{"name":"unknown event","client_id":"{client}","delivery_type":"journal","events_of_interest":[{"provider_id":"{provider}","event_code":"unknown"}]}""", 400),
        Bearer("POST", "{workspace}/registrations", $$"""{"name":"unknown provider","client_id":"{client}","delivery_type":"journal","events_of_interest":[{"provider_id":"{{UnknownId}}","event_code":"a"}]}""", 400),
        Registration("""  "delivery_type":"pigeon" """),
        Registration("""  "delivery_type":7 """),
        Registration("""  "delivery_type":"webhook" """),
        Registration("""  "delivery_type":"webhook","webhook_url":"not a url" """),
        Registration("""  "delivery_type":"webhook","webhook_url":"file:///etc/passwd" """),
        Registration("""  "delivery_type":"webhook","webhook_url":"http://user:password@localhost:1/" """),
        Registration("""  "delivery_type":"webhook","webhook_url":"http://localhost:1/","runtime_action":"shop/bad-input" """),
        Registration("""  "delivery_type":"webhook","runtime_action":"no/such/thing/at/all" """),
        Registration("""  "delivery_type":"webhook_batch" """),
        Registration("""  "delivery_type":"journal","webhook_url":"http://localhost:1/" """),
        Registration("""  "delivery_type":"journal","client_id":"unknown-client" """),
        Registration("""  "delivery_type":"journal","name":"ab" """),
        Registration("""  "delivery_type":"journal","enabled":"yes" """),
        Bearer("PATCH", "{workspace}/providers/{provider}", """[{"op":"explode","path":"/label"}]""", 400, JsonPatch),
        Bearer("PATCH", "{workspace}/providers/{provider}", """[{"op":"replace","path":"/nowhere/at/all","value":1}]""", 400, JsonPatch),
        Bearer("PATCH", "{workspace}/providers/{provider}", """[{"op":"remove","path":"/label"}]""", 400, JsonPatch),
        Ingress("""{"specversion":"1.0","source":"urn:uuid:{provider}","type":"com.example.order.placed"}"""),
        Ingress("""{"specversion":"1.0","id":"","source":"urn:uuid:{provider}","type":"com.example.order.placed"}"""),
        Ingress("""{"specversion":"0.3","id":"1","source":"urn:uuid:{provider}","type":"com.example.order.placed"}"""),
        Ingress("""{"specversion":"1.0","id":1,"source":"urn:uuid:{provider}","type":"com.example.order.placed"}"""),
        Ingress("""{"specversion":"1.0","id":"1","type":"com.example.order.placed"}"""),
        Ingress("""{"specversion":"1.0","id":"1","source":"urn:uuid:{provider}"}"""),
        Ingress("""{"specversion":"1.0","id":"1","source":"urn:uuid:{provider}","type":"com.example.order.placed","time":"yesterday"}"""),
        Ingress("""{"specversion":"1.0","id":"1","source":"urn:uuid:{provider}","type":"com.example.order.placed","my_attr":"x"}"""),
        Ingress("""{"specversion":"1.0","id":"1","source":"urn:uuid:{provider}","type":"com.example.order.placed","extension":{"a":1}}"""),
        Ingress("""{"specversion":"1.0","id":"1","source":"urn:uuid:{provider}","type":"com.example.order.placed","data_base64":"AAAA"}"""),
        Ingress("""{"specversion":"1.0","id":"1","source":"urn:uuid:{provider}","type":"com.example.order.placed","datacontenttype":"text/plain"}"""),
        Ingress("""{"specversion":"1.0","id":"1","id":"2","source":"urn:uuid:{provider}","type":"com.example.order.placed"}"""),
        Ingress("""{"specversion":"1.0","id":"1","source":"urn:uuid:00000000-0000-4000-8000-000000000000","type":"com.example.order.placed"}""", 404),
        Ingress("""{"specversion":"1.0","id":"1","source":"not a provider","type":"com.example.order.placed"}""", 400, 404),
        Basic("PUT", "/api/v1/namespaces/{ns}/actions/shop/bad", "{}", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/actions/shop/bad", """{"exec":{"kind":"cobol:1","code":""}}""", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/actions/shop/bad", """{"exec":{"kind":"nodejs:default"}}""", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/actions/shop/bad", """{"exec":"code"}""", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/actions/shop/bad", """{"exec":{"kind":"sequence","components":[]}}""", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/actions/shop/bad", """{"exec":{"kind":"sequence","components":["/_/no-such-action"]}}""", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/actions/shop/bad", """{"exec":{"kind":"sequence","components":[7]}}""", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/actions/shop/bad", """{"exec":{"kind":"nodejs:default","code":"x"},"parameters":{}}""", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/actions/shop/bad", """{"exec":{"kind":"nodejs:default","code":"x"},"limits":{"timeout":1}}""", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/actions/shop/bad", """{"exec":{"kind":"nodejs:default","code":"x"},"limits":{"memory":"much"}}""", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/actions/no-such-package/bad", """{"exec":{"kind":"nodejs:default","code":"x"}}""", 404),
        Basic("PUT", "/api/v1/namespaces/{ns}/packages/default", "{}", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/packages/bad", """{"binding":{"namespace":"_","name":"no-such-package"}}""", 400),
        Basic("PUT", "/api/v1/namespaces/{ns}/packages/bad", """{"binding":"shop"}""", 400),
        Basic("POST", "/api/v1/namespaces/{ns}/actions/shop/bad-input?blocking=true&timeout=0", "{}", 400),
        Basic("POST", "/api/v1/namespaces/{ns}/actions/shop/bad-input?blocking=true&timeout=soon", "{}", 400),
    ];

    private static IEnumerable<BadInput> WrongTypes() =>
        from endpoint in _jsonEndpoints
        from type in (string[])["text/plain", "application/xml", "multipart/form-data; boundary=x", "nonsense"]
        select new BadInput(endpoint.Method, endpoint.Path, endpoint.As, "{}", type, 415);

    private static IEnumerable<BadInput> TooLarge()
    {
        var megabytes = new string('x', 3 << 20);
        yield return new BadInput("POST", "/ingress", Credentials.Bearer, $$"""{"specversion":"1.0","id":"1","source":"urn:uuid:{provider}","type":"com.example.order.placed","data":"{{megabytes}}"}""", CloudEvents, 413);
        yield return new BadInput("POST", "/api/v1/namespaces/{ns}/actions/shop/bad-input", Credentials.Basic, $$"""{"a":"{{megabytes}}"}""", Json, 413);
        yield return new BadInput("PUT", "/api/v1/namespaces/{ns}/packages/bad", Credentials.Basic, $$"""{"parameters":[{"key":"a","value":"{{megabytes}}"}]}""", Json, 413);
        yield return new BadInput("POST", "{workspace}/providers", Credentials.Bearer, $$"""{"label":"a","description":"{{megabytes}}"}""", Json, 400, 413);
        yield return new BadInput("POST", "{workspace}/registrations", Credentials.Bearer, $$"""{"name":"{{megabytes}}"}""", Json, 400, 413);
        yield return new BadInput("POST", "/ims/token/v3", Credentials.None, $"grant_type={megabytes}", "application/x-www-form-urlencoded", 400, 413);
        yield return new BadInput("POST", "/ingress", Credentials.Bearer, $$"""{"specversion":"1.0","id":"1","source":"urn:uuid:{provider}","type":"com.example.order.placed","data":{{new string('[', 5_000)}}{{new string(']', 5_000)}}}""", CloudEvents, 400);
    }

    private static IEnumerable<BadInput> Unknown() =>
    [
        Bearer("GET", $"/events/providers/{UnknownId}", null, 404),
        Bearer("GET", "/events/providers/not-an-id", null, 404),
        Bearer("GET", $"/events/providers/{UnknownId}/eventmetadata", null, 404),
        Bearer("GET", "/events/providers/{provider}/eventmetadata/unknown", null, 404),
        Bearer("DELETE", $"{{workspace}}/providers/{UnknownId}", null, 404),
        Bearer("DELETE", "{workspace}/providers/{provider}/eventmetadata/unknown", null, 404),
        Bearer("GET", $"{{workspace}}/registrations/{UnknownId}", null, 404),
        Bearer("DELETE", $"{{workspace}}/registrations/{UnknownId}", null, 404),
        Bearer("GET", $"{{integration}}/{UnknownId}", null, 404),
        Bearer("GET", "{integration}/%2e%2e%2f", null, 400, 404),
        Bearer("GET", $"{{integration}}/tracing/{UnknownId}", null, 404),
        Bearer("GET", "/events/nowhere", null, 403, 404),
        Bearer("GET", "/nowhere", null, 404),
        new("GET", "/prod/keys/pub-key-unknown.pem", Credentials.None, null, null, 404),
        new("GET", "/prod/keys/..%2f..%2fsignalbox.db", Credentials.None, null, null, 400, 404),
        new("GET", "/api/v1/nowhere", Credentials.Basic, null, null, 404),
        new("GET", "/api/v1/web/{ns}/default/unknown", Credentials.None, null, null, 404),
        new("GET", "/api/v1/web/{ns}/shop/bad-input", Credentials.None, null, null, 404),
        new("GET", "/api/v1/web/unknown/shop/bad-input", Credentials.None, null, null, 404),
        Basic("GET", "/api/v1/namespaces/{ns}/actions/unknown", null, 404),
        Basic("POST", "/api/v1/namespaces/{ns}/actions/unknown", "{}", 404),
        Basic("DELETE", "/api/v1/namespaces/{ns}/actions/unknown", null, 404),
        Basic("GET", $"/api/v1/namespaces/{{ns}}/actions/{new string('a', 300)}", null, 400),
        Basic("GET", "/api/v1/namespaces/{ns}/packages/unknown", null, 404),
        Basic("DELETE", "/api/v1/namespaces/{ns}/packages/unknown", null, 404),
        Basic("GET", "/api/v1/namespaces/{ns}/activations/0123456789abcdef0123456789abcdef", null, 404),
        Basic("GET", "/api/v1/namespaces/{ns}/activations/short", null, 400),
        Basic("GET", "/api/v1/namespaces/{ns}/activations/0123456789abcdef0123456789abcdeg/logs", null, 400),
        Basic("DELETE", "/api/v1/namespaces/{ns}/actions", null, 405),
        Basic("POST", "/api/v1/namespaces/{ns}/packages/shop", "{}", 405),
        Bearer("DELETE", "/ingress", null, 404, 405),
        new("DELETE", "/ims/token/v3", Credentials.None, null, null, 404, 405),
    ];

    private static IEnumerable<BadInput> WrongQueries() =>
    [
        Bearer("GET", "/events/{org}/registrations?page=-1", null, 400),
        Bearer("GET", "/events/{org}/registrations?size=0", null, 400),
        Bearer("GET", "/events/{org}/registrations?size=many", null, 400),
        Bearer("GET", "/events/{org}/registrations?page=99999999999999999999", null, 400),
        Bearer("GET", "/events/{org}/providers?providerMetadataId=a&providerMetadataIds=b", null, 400),
        Bearer("GET", "{journal}?limit=99999999999999999999", null, 400),
        Bearer("GET", "{journal}?since=%00", null, 400),
        Bearer("GET", "{journal}?since=a'b\"c", null, 400),
        Basic("GET", "/api/v1/namespaces/{ns}/actions?limit=-1", null, 400),
        Basic("GET", "/api/v1/namespaces/{ns}/actions?limit=many", null, 400),
        Basic("GET", "/api/v1/namespaces/{ns}/actions?skip=-1", null, 400),
        Basic("GET", "/api/v1/namespaces/{ns}/activations?since=yesterday", null, 400),
        Basic("GET", "/api/v1/namespaces/{ns}/activations?docs=true&count=true", null, 400),
        Basic("GET", "/api/v1/namespaces/{ns}/activations?name=a/b/c", null, 400),
    ];

    private static BadInput Bearer(string method, string path, string? body, params int[] expected) =>
        new(method, path, Credentials.Bearer, body, body is null ? null : Json, expected);

    private static BadInput Bearer(string method, string path, string body, int expected, string contentType) =>
        new(method, path, Credentials.Bearer, body, contentType, expected);

    private static BadInput Basic(string method, string path, string? body, params int[] expected) =>
        new(method, path, Credentials.Basic, body, body is null ? null : Json, expected);

    private static BadInput Ingress(string body, params int[] expected) =>
        new("POST", "/ingress", Credentials.Bearer, body, CloudEvents, expected.Length == 0 ? [400] : expected);

    /// <summary>A registration that is right but for these members; of a member given twice the later one stands.</summary>
    private static BadInput Registration(string members)
    {
        var body = new StringBuilder("{");
        foreach (var (name, value) in ((string, string)[])
        [
            ("name", "\"Bad input\""),
            ("client_id", "\"{client}\""),
            ("events_of_interest", "[{\"provider_id\":\"{provider}\",\"event_code\":\"com.example.order.placed\"}]"),
        ])
        {
            if (!members.Contains($"\"{name}\":", StringComparison.Ordinal))
            {
                body.Append(System.Globalization.CultureInfo.InvariantCulture, $"\"{name}\":{value},");
            }
        }

        return Bearer("POST", "{workspace}/registrations", body.Append(members).Append('}').ToString(), 400);
    }

    private Task<Answer> SendAsync(BadInput request)
    {
        HttpContent? content = null;
        if (request.Body is not null)
        {
            content = new ByteArrayContent(Encoding.UTF8.GetBytes(Fill(request.Body)));
            content.Headers.TryAddWithoutValidation("content-type", request.ContentType);
        }

        var authorization = request.As switch
        {
            Credentials.Bearer => new AuthenticationHeaderValue("Bearer", running.Client.Token),
            Credentials.Basic => running.Client.RuntimeCredentials,
            _ => null,
        };
        return running.Client.SendAsync(new HttpMethod(request.Method), Fill(request.Path), authorization, content);
    }

    private string Fill(string text)
    {
        var console = running.Client.Console;
        return text
            .Replace("{workspace}", console.WorkspacePath, StringComparison.Ordinal)
            .Replace("{provider}", _type.ProviderId, StringComparison.Ordinal)
            .Replace("{registration}", _registration.Id, StringComparison.Ordinal)
            .Replace("{journal}", _registration.JournalPath, StringComparison.Ordinal)
            .Replace("{integration}", $"/events/organizations/{console.OrganizationId}/integrations/{console.CredentialId}", StringComparison.Ordinal)
            .Replace("{client}", console.ClientId, StringComparison.Ordinal)
            .Replace("{org}", console.OrganizationId, StringComparison.Ordinal)
            .Replace("{ns}", console.Namespace, StringComparison.Ordinal);
    }

    private static string? Objection(BadInput request, Answer answer)
    {
        if (!request.Expected.Contains((int)answer.Status))
        {
            return $"expected {string.Join(" or ", request.Expected)}";
        }

        if (StackTraceShape.IsMatch(answer.Text))
        {
            return "shows the inside of the server";
        }

        try
        {
            using var body = JsonDocument.Parse(answer.Text);
            var explains = body.RootElement.ValueKind == JsonValueKind.Object
                && body.RootElement.EnumerateObject().Any(m => m.Name is "error" or "message" or "reason" && m.Value.ToString().Length > 0);
            return explains ? null : "does not say what is wrong";
        }
        catch (JsonException)
        {
            return "is not JSON";
        }
    }

    private static string Shorten(string text) => text.Length <= 200 ? text : text[..200] + "…";

    [GeneratedRegex(@"   at \S+\(|Exception\b|\.cs:line|System\.\w+\.|Microsoft\.\w+|SQLite|Npgsql|Dapper")]
    private static partial Regex StackTraceShape { get; }
}
