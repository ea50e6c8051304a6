using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signalbox.Developer.Connection;

/// <summary>
/// How a command finds its server, first come first served: its own options, the environment (what
/// <c>signalbox env</c> prints), the data directory of a server on this machine, <c>.wskprops</c>, <c>.env</c>.
/// </summary>
internal sealed class ConnectionOptions
{
    private static readonly string[] _hostNames = ["__OW_API_HOST", "AIO_runtime_apihost", "AIO_RUNTIME_APIHOST"];
    private static readonly string[] _authNames = ["__OW_API_KEY", "AIO_runtime_auth", "AIO_RUNTIME_AUTH"];

    private readonly string _defaultDataDirectory;
    private readonly Option<string> _host = new("--apihost") { Description = "The server's URL", HelpName = "URL" };
    private readonly Option<string> _auth = new("--auth") { Description = "The namespace's key", HelpName = "UUID:KEY" };
    private readonly Option<string> _data;

    public ConnectionOptions(string defaultDataDirectory)
    {
        _defaultDataDirectory = defaultDataDirectory;
        _data = new Option<string>("--data")
        {
            Description = $"Take URL and key from this data directory of a server. Default: the environment, else {defaultDataDirectory}",
            HelpName = "DIR",
        };
    }

    public void AddTo(Command command)
    {
        command.Add(_host);
        command.Add(_auth);
        command.Add(_data);
    }

    /// <exception cref="DeveloperException">Nothing names a server, or what names it cannot be used.</exception>
    public ServerConnection Resolve(ParseResult parsed, string folder)
    {
        var named = new Found(parsed.GetValue(_host), parsed.GetValue(_auth), "the options");
        if (parsed.GetValue(_data) is { } data)
        {
            var read = FromDataDirectory(data)
                ?? throw new DeveloperException($"There is no '{Path.Combine(Path.GetFullPath(data), "console.json")}'. Start the server on it once: signalbox serve --data {data}");
            return Complete([named, read]);
        }

        return Complete([
            named,
            new Found(FirstOf(_hostNames, Environment.GetEnvironmentVariable), FirstOf(_authNames, Environment.GetEnvironmentVariable), "the environment"),
            FromDataDirectory(_defaultDataDirectory),
            FromWskProps(),
            FromDotEnv(folder),
        ]);
    }

    private static ServerConnection Complete(IEnumerable<Found?> places)
    {
        // Both of one place, or what the options leave out from the next: a URL must not meet another server's key.
        Found? start = null;
        foreach (var place in places.OfType<Found>())
        {
            var host = start?.Host ?? place.Host;
            var auth = start?.Auth ?? place.Auth;
            if (host is not null && auth is not null)
            {
                return new ServerConnection(ParseUrl(host, place.Where), auth, start is null ? place.Where : $"{start.Where} and {place.Where}");
            }

            start = start ?? (place is { Host: null, Auth: null } ? null : place);
        }

        throw new DeveloperException(
            "No server is named. Start one (signalbox serve) and say: eval \"$(signalbox env)\". Or name it: --data DIR, or --apihost URL --auth UUID:KEY.");
    }

    private static Uri ParseUrl(string text, string where)
    {
        var absolute = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        return Uri.TryCreate(absolute, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new DeveloperException($"'{text}', from {where}, is not the URL of a server, such as http://localhost:3233.");
    }

    private static Found? FromDataDirectory(string directory)
    {
        var path = Path.Combine(Path.GetFullPath(directory), "console.json");
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var entry = JsonNode.Parse(File.ReadAllText(path))?["project"]?["workspace"]?["details"]?["runtime"]?["namespaces"]?[0];
            return (string?)entry?["apihost"] is { } host && (string?)entry["auth"] is { } auth
                ? new Found(LocalServer.Reach(ParseUrl(host, path), Path.GetDirectoryName(path)!).AbsoluteUri, auth, path)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new DeveloperException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private static Found? FromWskProps()
    {
        var path = Environment.GetEnvironmentVariable("WSK_CONFIG_FILE")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".wskprops");
        var values = SettingsFile.Read(path);
        return values.Count == 0 ? null : new Found(values.GetValueOrDefault("APIHOST"), values.GetValueOrDefault("AUTH"), path);
    }

    private static Found? FromDotEnv(string folder)
    {
        var path = Path.Combine(folder, ".env");
        var values = SettingsFile.Read(path);
        return values.Count == 0 ? null : new Found(FirstOf(_hostNames, values.GetValueOrDefault), FirstOf(_authNames, values.GetValueOrDefault), path);
    }

    private static string? FirstOf(IEnumerable<string> names, Func<string, string?> find) =>
        names.Select(find).FirstOrDefault(value => !string.IsNullOrEmpty(value));

    private sealed record Found(string? Host, string? Auth, string Where);
}
