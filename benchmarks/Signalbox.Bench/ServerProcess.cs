using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Signalbox.Bench;

/// <summary>The real server in a process of its own, on an empty data directory, with limits that do not get in the way.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly string[] _command;
    private ChildProcess _process;
    private readonly HttpClient _http = new();

    private ServerProcess(string[] command, ChildProcess process, string data, string? connectionString, Uri url, JsonNode console)
    {
        (_command, _process) = (command, process);
        (Data, ConnectionString) = (data, connectionString);
        Url = url;
        var project = console["project"]!;
        var workspace = project["workspace"]!;
        var credential = workspace["details"]!["credentials"]!.AsArray().First(c => c!["integration_type"]!.GetValue<string>() == "oauth_server_to_server")!;
        var oauth = credential["oauth_server_to_server"]!;
        ClientId = oauth["client_id"]!.GetValue<string>();
        ClientSecret = oauth["client_secrets"]![0]!.GetValue<string>();
        WorkspacePath = $"/events/{project["org"]!["id"]}/{project["id"]}/{workspace["id"]}";
        RuntimeAuthorization = "Basic " + Convert.ToBase64String(
            Encoding.UTF8.GetBytes(workspace["details"]!["runtime"]!["namespaces"]![0]!["auth"]!.GetValue<string>()));
    }

    public Uri Url { get; }

    /// <summary>The assembly that the commands are in.</summary>
    public string Program => _command[0];

    /// <summary>Its data directory.</summary>
    public string Data { get; }

    /// <summary>Its PostgreSQL database; null when it uses the embedded one.</summary>
    public string? ConnectionString { get; }

    /// <summary>The headers of a publish of one event.</summary>
    public IReadOnlyDictionary<string, string> PublishHeaders => HeadersOf("application/cloudevents+json");

    /// <summary>The headers of a publish of several.</summary>
    public IReadOnlyDictionary<string, string> PublishBatchHeaders => HeadersOf("application/cloudevents-batch+json");

    public string ClientId { get; }

    public string WorkspacePath { get; }

    public string RuntimeAuthorization { get; }

    /// <summary>Header lines of a publish.</summary>
    public string BearerAuthorization { get; private set; } = string.Empty;

    private string ClientSecret { get; }

    public static async Task<ServerProcess> StartAsync(string program, string? connectionString, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("signalbox-bench-").FullName;
        var url = new Uri($"http://localhost:{FreePort()}");
        string[] command =
        [
            program, "serve", "--data", data, "--urls", url.GetLeftPart(UriPartial.Authority), "--Logging:LogLevel:Default", "Warning",
            "--Runtime:InvocationsPerMinute", "100000000", "--Runtime:ConcurrentInvocations", "1000", "--Events:PublishesPerWindowMax", "100000000", "--Identity:RequestsPerWindowMax", "100000000",
            "--allow-private-targets",
            .. connectionString is null ? (string[])[] : ["--Storage:PostgresConnectionString", connectionString],
        ];
        var process = await ChildProcess.StartAsync("dotnet", command, "is ready", cancellationToken);
        var console = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "console.json"), cancellationToken))!;
        var server = new ServerProcess(command, process, data, connectionString, url, console);
        await server.SignInAsync(cancellationToken);
        return server;
    }

    /// <summary>Ends it, does something with its data, and starts it again on them.</summary>
    public async Task RestartAsync(Func<Task> between, CancellationToken cancellationToken)
    {
        await _process.DisposeAsync();
        await between();
        _process = await ChildProcess.StartAsync("dotnet", _command, "is ready", cancellationToken);
    }

    /// <summary>Processor time of the server's own process so far, and of the interpreters in its sandboxes, in seconds.</summary>
    public ((double User, double System) Server, double Sandboxes) UsedSeconds()
    {
        var interpreters = Sandboxes().Select(sandbox => ProcessorTime.Of(sandbox.Pid));
        return (ProcessorTime.Of(_process.Id), interpreters.Sum(used => used.User + used.System));
    }

    /// <summary>Waits until the server uses less than a twentieth of a core, such as after its start or after a load; 30 s at most.</summary>
    public async Task BecomeIdleAsync(CancellationToken cancellationToken)
    {
        var window = TimeSpan.FromSeconds(1);
        for (var second = 0; second < 30; second++)
        {
            var before = ProcessorTime.Of(_process.Id);
            await Task.Delay(window, cancellationToken);
            var after = ProcessorTime.Of(_process.Id);
            if (after.User + after.System - before.User - before.System < window.TotalSeconds / 20)
            {
                return;
            }
        }
    }

    /// <summary>Resident memory of the server's own process, in MB.</summary>
    public double ResidentMb() => double.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    public Task<JsonNode?> RuntimeAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken) =>
        SendAsync(method, "/api/v1/namespaces/_" + path, RuntimeAuthorization, body, "application/json", cancellationToken);

    public Task<JsonNode?> EventsAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken, string contentType = "application/json") =>
        SendAsync(method, path, BearerAuthorization, body, contentType, cancellationToken);

    /// <summary>Creates the action that both sides of a comparison run.</summary>
    public async Task CreateFunctionAsync(string name, string asset, CancellationToken cancellationToken) =>
        await RuntimeAsync(
            HttpMethod.Put,
            $"/actions/{name}?overwrite=true",
            new JsonObject { ["exec"] = new JsonObject { ["kind"] = "nodejs:default", ["code"] = await File.ReadAllTextAsync(Assets.Path(asset), cancellationToken) } },
            cancellationToken);

    /// <summary>Creates a provider with one event and a registration for it, to an action or for the journal only. Returns the provider's id.</summary>
    public Task<string> CreateRegistrationAsync(string eventCode, string? runtimeAction, CancellationToken cancellationToken) =>
        CreateRegistrationAsync(eventCode, "runtime_action", runtimeAction, runtimeAction is null ? "journal" : "webhook", cancellationToken);

    /// <summary>Creates a provider with one event and a registration of a webhook for it. Returns the provider's id.</summary>
    public Task<string> CreateWebhookRegistrationAsync(string eventCode, Uri url, string deliveryType, CancellationToken cancellationToken) =>
        CreateRegistrationAsync(eventCode, "webhook_url", url.ToString(), deliveryType, cancellationToken);

    /// <summary>The sum of a counter of <c>/metrics</c> over its labels that hold <paramref name="label"/>.</summary>
    public async Task<double> CounterAsync(string name, string label, CancellationToken cancellationToken)
    {
        var text = await _http.GetStringAsync(new Uri(Url, "/metrics"), cancellationToken);
        return text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
    }

    /// <summary>The interpreters that the server's sandboxes hold now.</summary>
    public IReadOnlyList<SandboxUse> Sandboxes() => SandboxUse.Below(_process.Id);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
        Directory.Delete(Data, recursive: true);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<string> CreateRegistrationAsync(
        string eventCode, string targetField, string? target, string deliveryType, CancellationToken cancellationToken)
    {
        var provider = await EventsAsync(HttpMethod.Post, $"{WorkspacePath}/providers", new JsonObject { ["label"] = eventCode }, cancellationToken);
        var id = provider!["id"]!.GetValue<string>();
        await EventsAsync(
            HttpMethod.Post,
            $"{WorkspacePath}/providers/{id}/eventmetadata",
            new JsonObject { ["event_code"] = eventCode, ["label"] = eventCode, ["description"] = eventCode },
            cancellationToken);
        await EventsAsync(
            HttpMethod.Post,
            $"{WorkspacePath}/registrations",
            new JsonObject
            {
                ["name"] = eventCode,
                ["client_id"] = ClientId,
                ["delivery_type"] = deliveryType,
                [targetField] = target,
                ["events_of_interest"] = new JsonArray(new JsonObject { ["provider_id"] = id, ["event_code"] = eventCode }),
            },
            cancellationToken);
        return id;
    }

    private async Task SignInAsync(CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = ClientId,
            ["client_secret"] = ClientSecret,
            ["scope"] = "openid,AdobeID,adobeio_api",
        });
        using var response = await _http.PostAsync(new Uri(Url, "/ims/token/v3"), form, cancellationToken);
        response.EnsureSuccessStatusCode();
        var token = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!["access_token"]!;
        BearerAuthorization = $"Bearer {token.GetValue<string>()}";
    }

    private Dictionary<string, string> HeadersOf(string contentType) => new()
    {
        ["Content-Type"] = contentType,
        ["Authorization"] = BearerAuthorization,
        ["x-api-key"] = ClientId,
    };

    private async Task<JsonNode?> SendAsync(
        HttpMethod method, string path, string authorization, JsonNode? body, string contentType, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(Url, path));
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(authorization);
        request.Headers.Add("x-api-key", ClientId);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, contentType);
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? text.Length > 0 && text[0] is '{' or '[' ? JsonNode.Parse(text) : null
            : throw new InvalidOperationException($"{method} {path} answered {(int)response.StatusCode}: {text}");
    }
}
