using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>Calls the server as any program would, with what <c>console.json</c> says.</summary>
public sealed class ServerClient(SignalboxServer server) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(90),
    };

    public ConsoleDocument Console => server.Console;

    /// <summary>The bearer token of the last sign-in.</summary>
    public string Token { get; private set; } = string.Empty;

    public static async Task<ServerClient> SignInAsync(SignalboxServer server)
    {
        var client = new ServerClient(server);
        await client.SignInAsync();
        return client;
    }

    /// <summary>Gets a token as OAuth server-to-server clients do.</summary>
    public async Task<Answer> SignInAsync()
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = Console.ClientId,
            ["client_secret"] = Console.ClientSecret,
            ["scope"] = "openid,AdobeID,adobeio_api",
        });
        var answer = (await SendAsync(HttpMethod.Post, "/ims/token/v3", null, form)).Expect(HttpStatusCode.OK);
        Token = answer.Json["access_token"]!.GetValue<string>();
        return answer;
    }

    /// <summary>A call of the events APIs.</summary>
    public Task<Answer> EventsAsync(HttpMethod method, string path, JsonNode? body = null, string contentType = "application/json") =>
        SendAsync(method, path, new AuthenticationHeaderValue("Bearer", Token), body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, contentType));

    /// <summary>A call of the Runtime API below the namespace; the path starts with a slash.</summary>
    public Task<Answer> RuntimeAsync(HttpMethod method, string path, JsonNode? body = null) =>
        SendAsync(method, $"/api/v1/namespaces/{Console.Namespace}{path}", RuntimeCredentials, body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));

    public AuthenticationHeaderValue RuntimeCredentials => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Console.RuntimeAuth)));

    /// <summary>Any call at all.</summary>
    /// <param name="path">A path, or an absolute URL.</param>
    /// <param name="apiKey">Null: the credential's client id; empty: none.</param>
    public async Task<Answer> SendAsync(
        HttpMethod method,
        string path,
        AuthenticationHeaderValue? authorization,
        HttpContent? content = null,
        string? apiKey = null,
        IEnumerable<KeyValuePair<string, string>>? headers = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Address, path)) { Content = content };
        request.Headers.Authorization = authorization;
        if (apiKey != string.Empty)
        {
            request.Headers.TryAddWithoutValidation("x-api-key", apiKey ?? Console.ClientId);
        }

        foreach (var (name, value) in headers ?? [])
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await _http.SendAsync(request);
        var answered = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key.ToLowerInvariant(), h => string.Join(", ", h.Value), StringComparer.Ordinal);
        return new Answer($"{method} {path}", response.StatusCode, answered, await response.Content.ReadAsStringAsync());
    }

    public void Dispose() => _http.Dispose();
}
