using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Connection;

/// <summary>Calls a running server's Events API as its workspace's credential.</summary>
internal sealed class EventsClient : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(2) };
    private readonly WorkspaceCredentials _credentials;

    private EventsClient(WorkspaceCredentials credentials) => _credentials = credentials;

    /// <summary>The organization whose stories it may read.</summary>
    public string OrganizationId => _credentials.OrganizationId;

    public static async Task<EventsClient> SignInAsync(WorkspaceCredentials credentials, CancellationToken cancellationToken)
    {
        var api = new EventsClient(credentials);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = credentials.ClientId,
            ["client_secret"] = credentials.ClientSecret,
            ["scope"] = "openid,AdobeID,adobeio_api",
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(credentials.Server, "/ims/token/v3")) { Content = form };
        var token = await api.SendAsync(request, cancellationToken);
        api._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)token!["access_token"]!);
        api._http.DefaultRequestHeaders.Add("x-api-key", credentials.ClientId);
        return api;
    }

    /// <summary>The path of a registration that is named by its id or its name.</summary>
    /// <exception cref="DeveloperException">There is none.</exception>
    public async Task<string> FindRegistrationAsync(string idOrName, CancellationToken cancellationToken)
    {
        var list = await SendAsync(HttpMethod.Get, $"{_credentials.Path}/registrations", null, cancellationToken);
        var found = list!["_embedded"]!["registrations"]!.AsArray().FirstOrDefault(r =>
            string.Equals((string)r!["registration_id"]!, idOrName, StringComparison.OrdinalIgnoreCase) || (string)r["name"]! == idOrName);
        return found is null
            ? throw new DeveloperException($"The workspace has no registration '{idOrName}'. Give its id or its name.")
            : $"{_credentials.Path}/registrations/{(string)found["registration_id"]!}";
    }

    /// <summary>The answer's body; null when it has none.</summary>
    /// <exception cref="DeveloperException">The server refused, or does not answer.</exception>
    public Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(method, new Uri(_credentials.Server, path))
        {
            Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        return SendAsync(request, cancellationToken);
    }

    /// <summary>The body of what stands at a path; null when there is nothing.</summary>
    /// <exception cref="DeveloperException">The server refused, or does not answer.</exception>
    public Task<JsonNode?> FindAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_credentials.Server, path)), cancellationToken, mayBeMissing: true);

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode?> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken, bool mayBeMissing = false)
    {
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            if (mayBeMissing && response.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var json = text is ['{' or '[', ..] ? Json.Parse(text) : null;
            return response.IsSuccessStatusCode
                ? json
                : throw new DeveloperException($"{(string?)json?["message"] ?? (string?)json?["error_description"] ?? text} ({(int)response.StatusCode})");
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new DeveloperException($"The server at {_credentials.Server.GetLeftPart(UriPartial.Authority)} does not answer: {exception.Message}");
        }
    }
}
