using System.Text.Json.Nodes;

namespace Signalbox.Server.Stories;

/// <summary>Where a server is and who calls it.</summary>
internal sealed record StoryAccess(Uri Server, string OrganizationId, string ClientId, string ClientSecret)
{
    private const string Remedy = "Run eval \"$(signalbox env --data DIR)\" first, or name the server's data directory with --data DIR.";

    /// <summary>The named data directory's, else what the environment says, else the default data directory's.</summary>
    /// <exception cref="SettingsException">None of them can be used.</exception>
    public static StoryAccess Find(string? dataDirectory) =>
        dataDirectory is not null ? FromDataDirectory(dataDirectory)
        : Environment.GetEnvironmentVariable("SIGNALBOX_URL") is { Length: > 0 } ? FromEnvironment()
        : FromDataDirectory(ServerSettings.DefaultDataDirectory);

    /// <summary>As the exports of <c>signalbox env</c> say.</summary>
    /// <exception cref="SettingsException">Something is missing.</exception>
    private static StoryAccess FromEnvironment() => new(
        Uri.TryCreate(Variable("SIGNALBOX_URL"), UriKind.Absolute, out var url) ? url : throw new SettingsException("SIGNALBOX_URL is not a URL. " + Remedy),
        Variable("SIGNALBOX_CONSUMER_ORG_ID"),
        Variable("SIGNALBOX_CLIENT_ID"),
        Variable("SIGNALBOX_CLIENT_SECRET"));

    /// <summary>As <c>console.json</c> and <c>env.sh</c> of a data directory say.</summary>
    /// <exception cref="SettingsException">They are not there, or cannot be read.</exception>
    private static StoryAccess FromDataDirectory(string folder)
    {
        var path = Path.Combine(Path.GetFullPath(folder), FirstStart.ConsoleFile);
        try
        {
            var project = JsonNode.Parse(File.ReadAllText(path))!["project"]!;
            var details = project["workspace"]!["details"]!;
            var oauth = details["credentials"]!.AsArray()
                .First(c => c!["integration_type"]!.GetValue<string>() == "oauth_server_to_server")!["oauth_server_to_server"]!;
            return new StoryAccess(
                ReadUrl(Path.Combine(Path.GetFullPath(folder), FirstStart.EnvironmentFile)),
                project["org"]!["id"]!.GetValue<string>(),
                oauth["client_id"]!.GetValue<string>(),
                oauth["client_secrets"]![0]!.GetValue<string>());
        }
        catch (IOException)
        {
            throw new SettingsException($"There is no '{path}'. Start the server once ('signalbox serve'), or name its data directory with --data DIR.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new SettingsException($"'{path}' cannot be read by this user: it holds credentials.");
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or NullReferenceException or InvalidOperationException)
        {
            throw new SettingsException($"'{path}' is not a console document of this version.");
        }
    }

    private static Uri ReadUrl(string environmentFile)
    {
        const string name = "SIGNALBOX_URL=";
        var line = File.ReadLines(environmentFile).First(l => l.Contains(name, StringComparison.Ordinal));
        return new Uri(line[(line.IndexOf(name, StringComparison.Ordinal) + name.Length)..].Trim('\'', '"', ';', ' '));
    }

    private static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new SettingsException($"{name} is not set. {Remedy}");
}
