using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Signalbox.Server.Administration;

/// <summary>The command line's way to the running server of a data directory.</summary>
internal sealed class AdminClient : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http;

    private AdminClient(HttpClient http) => _http = http;

    /// <exception cref="SettingsException">No server was ever started on the directory.</exception>
    public static AdminClient Open(string dataDirectory)
    {
        var folder = Path.GetFullPath(dataDirectory);
        var token = Read(folder, AdminAccess.TokenFile);
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };

        // The server's certificate is for its public name; it is called by the address that it listens on.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        var http = new HttpClient(handler) { BaseAddress = new Uri(Read(folder, AdminAccess.UrlFile)), Timeout = _timeout };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new AdminClient(http);
    }

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);

    public Task<JsonNode> PostAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        SendAsync(
            new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") },
            cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var answer = text is ['{', ..] ? JsonNode.Parse(text)! : new JsonObject();
            return response.IsSuccessStatusCode
                ? answer
                : throw new AdminRefusedException((string?)answer["message"] ?? $"The server answered {(int)response.StatusCode}.");
        }
        catch (HttpRequestException exception)
        {
            throw new SettingsException($"No server answers at {_http.BaseAddress}: {exception.Message} Start it with 'signalbox serve', or name its data directory with --data DIR.");
        }
    }

    private static string Read(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"'{path}' cannot be read. Start the server once ('signalbox serve'), name its data directory with --data DIR, and run this as the server's user.");
        }
    }
}

/// <summary>The server said no; the message says why.</summary>
internal sealed class AdminRefusedException(string message) : Exception(message);
