using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Signalbox.Server.Demo;

/// <summary>Calls the server as any client would: over HTTP, with what <c>console.json</c> says and nothing else.</summary>
internal sealed class DemoClient : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly JsonNode _workspace;
    private string _token = string.Empty;

    public DemoClient(Uri server, JsonNode console)
    {
        _http.BaseAddress = server;
        var project = console["project"]!;
        _workspace = project["workspace"]!;
        OrganizationId = project["org"]!["id"]!.GetValue<string>();
        ProjectId = project["id"]!.GetValue<string>();
        var credential = _workspace["details"]!["credentials"]!.AsArray()
            .First(c => c!["integration_type"]!.GetValue<string>() == "oauth_server_to_server")!;
        CredentialId = credential["id"]!.GetValue<string>();
        ClientId = credential["oauth_server_to_server"]!["client_id"]!.GetValue<string>();
        ClientSecret = credential["oauth_server_to_server"]!["client_secrets"]![0]!.GetValue<string>();
        var runtime = _workspace["details"]!["runtime"]!["namespaces"]![0]!;
        Namespace = (runtime["namespace"] ?? runtime["name"])!.GetValue<string>();
        RuntimeAuth = runtime["auth"]!.GetValue<string>();
    }

    public string OrganizationId { get; }

    public string ProjectId { get; }

    public string WorkspaceId => _workspace["id"]!.GetValue<string>();

    public string CredentialId { get; }

    public string ClientId { get; }

    public string Namespace { get; }

    /// <summary>The path of the workspace's things in the events API.</summary>
    public string WorkspacePath => $"/events/{OrganizationId}/{ProjectId}/{WorkspaceId}";

    private string ClientSecret { get; }

    private string RuntimeAuth { get; }

    public async Task SignInAsync(CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = ClientId,
            ["client_secret"] = ClientSecret,
            ["scope"] = "openid,AdobeID,adobeio_api",
        });
        using var response = await _http.PostAsync(new Uri("/ims/token/v3", UriKind.Relative), form, cancellationToken);
        _token = (await ReadAsync(response, HttpStatusCode.OK, cancellationToken))!["access_token"]!.GetValue<string>();
    }

    /// <summary>A call of the Runtime API, below the namespace.</summary>
    public Task<JsonNode?> RuntimeAsync(HttpMethod method, string path, JsonNode? body, HttpStatusCode expected, CancellationToken cancellationToken) =>
        SendAsync(
            method,
            $"/api/v1/namespaces/{Namespace}{path}",
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(RuntimeAuth))),
            body,
            "application/json",
            expected,
            cancellationToken);

    /// <summary>A call of the events API or the ingress.</summary>
    public Task<JsonNode?> EventsAsync(
        HttpMethod method, string path, JsonNode? body, HttpStatusCode expected, CancellationToken cancellationToken, string contentType = "application/json") =>
        SendAsync(method, path, new AuthenticationHeaderValue("Bearer", _token), body, contentType, expected, cancellationToken);

    /// <summary>Sends bytes with headers of one's own to any URL, without any credential.</summary>
    public async Task<(HttpStatusCode Status, string Body)> PostRawAsync(
        Uri url, string body, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode?> SendAsync(
        HttpMethod method,
        string path,
        AuthenticationHeaderValue authorization,
        JsonNode? body,
        string contentType,
        HttpStatusCode expected,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = authorization;
        request.Headers.Add("x-api-key", ClientId);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, contentType);
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        return await ReadAsync(response, expected, cancellationToken);
    }

    private static async Task<JsonNode?> ReadAsync(HttpResponseMessage response, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != expected)
        {
            throw new DemoException($"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri} answered {(int)response.StatusCode}, not {(int)expected}: {text}");
        }

        return text.Length > 0 && text[0] is '{' or '[' ? JsonNode.Parse(text) : null;
    }
}
