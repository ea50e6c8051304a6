using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signalbox.Server.Stories;

/// <summary>Asks a running server for a story.</summary>
internal sealed class StoryClient(StoryAccess access) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = access.Server, Timeout = TimeSpan.FromSeconds(30) };

    /// <exception cref="SettingsException">There is no such event, or the server does not answer; the message says which.</exception>
    public async Task<JsonNode> GetAsync(string eventId, CancellationToken cancellationToken)
    {
        try
        {
            var token = await SignInAsync(cancellationToken);
            using var request = new HttpRequestMessage(
                HttpMethod.Get, $"/events/{Uri.EscapeDataString(access.OrganizationId)}/stories/{Uri.EscapeDataString(eventId)}");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            request.Headers.Add("x-api-key", access.ClientId);
            return await ReadAsync(await _http.SendAsync(request, cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new SettingsException($"The server at {access.Server} does not answer as Signalbox does: {exception.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> SignInAsync(CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = access.ClientId,
            ["client_secret"] = access.ClientSecret,
            ["scope"] = "openid,AdobeID,adobeio_api",
        });
        var answer = await ReadAsync(await _http.PostAsync(new Uri("/ims/token/v3", UriKind.Relative), form, cancellationToken), cancellationToken);
        return answer["access_token"]?.GetValue<string>() ?? throw new JsonException("its token endpoint answers no token.");
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using (response)
        {
            var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken)) ?? new JsonObject();
            return response.StatusCode == HttpStatusCode.OK
                ? body
                : throw new SettingsException($"{(int)response.StatusCode}: {(body["message"] ?? body["error_description"] ?? body["error"])?.ToString() ?? response.ReasonPhrase}");
        }
    }
}
