using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Signalbox.Developer.Logs;

namespace Signalbox.Developer.Connection;

/// <summary>Calls the Runtime API of one namespace.</summary>
internal sealed class RuntimeClient : IDisposable
{
    private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(30);

    private readonly ServerConnection _connection;
    private readonly HttpClient _http;

    public RuntimeClient(ServerConnection connection)
    {
        _connection = connection;
        _http = new HttpClient
        {
            BaseAddress = new Uri(connection.Url, "/api/v1/namespaces/_/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(connection.Auth)));
    }

    public string Url => _connection.Url.GetLeftPart(UriPartial.Authority);

    /// <summary>The namespace that the key belongs to.</summary>
    public async Task<string> GetNamespaceAsync(CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, "/api/v1/namespaces", null, cancellationToken);
        return (string?)Expect(answer)[0] ?? throw new DeveloperException($"{Url} does not say which namespace the key belongs to.");
    }

    /// <summary>The answer whatever its status is.</summary>
    /// <param name="path">Below the namespace, without a slash in front.</param>
    /// <exception cref="DeveloperException">No server answers, or it does not take the key.</exception>
    public async Task<ApiAnswer> SendAsync(
        HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            return new ApiAnswer(response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), ActivationIdOf(response));
        }
        catch (JsonException)
        {
            throw new DeveloperException($"{Url} answered {(int)response.StatusCode} with something that is not JSON. Is it a Signalbox server?");
        }
    }

    /// <summary>The body of a call that has to succeed.</summary>
    public async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) =>
        Expect(await SendAsync(HttpMethod.Get, path, null, cancellationToken));

    /// <summary>Opens the stream of live log lines.</summary>
    public async Task<StreamReader> OpenLogStreamAsync(string? action, CancellationToken cancellationToken)
    {
        var path = action is null ? "logs/stream" : "logs/stream?action=" + Uri.EscapeDataString(action);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        }

        using (response)
        {
            throw new DeveloperException(ErrorOf(await response.Content.ReadAsStringAsync(cancellationToken)) ?? $"{Url} answered {(int)response.StatusCode} to the log stream.");
        }
    }

    /// <summary>Has the server load an action's code: why it does not load, with what was printed; null: it does, or the server cannot tell.</summary>
    public async Task<string?> FindLoadFaultAsync(string action, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Post, "load?action=" + Uri.EscapeDataString(action), null, cancellationToken);
        if (answer is not { Status: HttpStatusCode.OK, Body: JsonObject body } || (bool?)body["success"] != false)
        {
            return null;
        }

        var error = (string?)body["error"] ?? "";
        var printed = (body["logs"] as JsonArray ?? []).Select(line => LogText.Parse((string?)line ?? "").Text).Where(line => !error.Contains(line, StringComparison.Ordinal));
        return string.Join('\n', printed.Prepend(error));
    }

    /// <summary>What speaks against a debugger in this action, as the server says it; null: nothing.</summary>
    public async Task<string?> FindInspectFaultAsync(string action, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, InspectPath(action), null, cancellationToken);
        return answer.Status == HttpStatusCode.UpgradeRequired ? null : ErrorOf(answer);
    }

    /// <summary>Opens a debugger's way into a new process of the action.</summary>
    /// <exception cref="DeveloperException">The server refuses.</exception>
    public async Task<InspectorConnection> OpenInspectorAsync(string action, CancellationToken cancellationToken)
    {
        // By hand, not by ClientWebSocket: that does not tell what the server says when it refuses.
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(InspectPath(action), UriKind.Relative));
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new ProductHeaderValue("websocket"));
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
        var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            using (response)
            {
                throw new DeveloperException(ErrorOf(await response.Content.ReadAsStringAsync(cancellationToken)) ?? $"{Url} answered {(int)response.StatusCode} to the debugger.");
            }
        }

        var codeFolder = response.Headers.TryGetValues("x-signalbox-code-folder", out var folders) ? folders.First() : "/action";
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        return new InspectorConnection(WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { KeepAliveInterval = _keepAlive }), codeFolder);
    }

    /// <summary>What the server gave as the reason of a failure.</summary>
    public static string ErrorOf(ApiAnswer answer) =>
        (answer.Body as JsonObject)?["error"] switch
        {
            JsonValue value when value.TryGetValue<string>(out var text) => text,
            { } other => other.ToJsonString(),
            null => $"the server answered {(int)answer.Status}",
        };

    public void Dispose() => _http.Dispose();

    private static string InspectPath(string action) => "inspect?action=" + Uri.EscapeDataString(action);

    private static string? ActivationIdOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("x-openwhisk-activation-id", out var ids) ? ids.First() : null;

    private static JsonNode Expect(ApiAnswer answer) =>
        answer is { Status: HttpStatusCode.OK, Body: { } body } ? body : throw new DeveloperException(ErrorOf(answer));

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, completion, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new NoServerException($"No server answers at {Url} (from {_connection.FoundIn}): {exception.Message} Start it with 'signalbox serve', or name another with --apihost and --auth, or --data.", exception);
        }

        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            response.Dispose();
            throw new DeveloperException($"{Url} does not take the key (from {_connection.FoundIn}). Take the server's own: --data DIR, or eval \"$(signalbox env --data DIR)\".");
        }

        return response;
    }

    private static string? ErrorOf(string body)
    {
        try
        {
            return (string?)(JsonNode.Parse(body) as JsonObject)?["error"];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
