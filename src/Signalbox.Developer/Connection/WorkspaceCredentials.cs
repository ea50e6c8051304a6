using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signalbox.Developer.Connection;

/// <summary>
/// Where a command finds a running server and how it signs in: <c>console.json</c> of <c>--data DIR</c>, else the variables of
/// <c>signalbox env</c>, else <c>console.json</c> of the default data directory.
/// </summary>
internal sealed record WorkspaceCredentials
{
    public required Uri Server { get; init; }

    public required string OrganizationId { get; init; }

    public required string ProjectId { get; init; }

    public required string WorkspaceId { get; init; }

    public required string ClientId { get; init; }

    public required string ClientSecret { get; init; }

    /// <summary>The workspace's path in the Events API.</summary>
    public string Path => $"/events/{OrganizationId}/{ProjectId}/{WorkspaceId}";

    /// <exception cref="DeveloperException">There is nothing to find a server by.</exception>
    public static WorkspaceCredentials Find(string? dataDirectory, string defaultDataDirectory) =>
        dataDirectory is null && Environment.GetEnvironmentVariable("SIGNALBOX_URL") is { Length: > 0 }
            ? FromEnvironment()
            : FromConsole(System.IO.Path.GetFullPath(dataDirectory ?? defaultDataDirectory));

    private static WorkspaceCredentials FromEnvironment()
    {
        static string Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? value
            : throw new DeveloperException($"SIGNALBOX_URL is set, but {name} is not. Set both with: eval \"$(./signalbox env)\", or name the data directory with --data DIR.");
        return new()
        {
            Server = Uri.TryCreate(Read("SIGNALBOX_URL"), UriKind.Absolute, out var url)
                ? url
                : throw new DeveloperException("SIGNALBOX_URL is not a URL. Set it with: eval \"$(./signalbox env)\", or name the data directory with --data DIR."),
            OrganizationId = Read("SIGNALBOX_CONSUMER_ORG_ID"),
            ProjectId = Read("SIGNALBOX_PROJECT_ID"),
            WorkspaceId = Read("SIGNALBOX_WORKSPACE_ID"),
            ClientId = Read("SIGNALBOX_CLIENT_ID"),
            ClientSecret = Read("SIGNALBOX_CLIENT_SECRET"),
        };
    }

    private static WorkspaceCredentials FromConsole(string directory)
    {
        var path = System.IO.Path.Combine(directory, "console.json");
        try
        {
            var project = JsonNode.Parse(File.ReadAllText(path))!["project"]!;
            var workspace = project["workspace"]!;
            var oauth = workspace["details"]!["credentials"]!.AsArray()
                .First(c => (string?)c!["integration_type"] == "oauth_server_to_server")!["oauth_server_to_server"]!;
            return new()
            {
                Server = LocalServer.Reach(new Uri((string)workspace["app_url"]!), directory),
                OrganizationId = (string)project["org"]!["id"]!,
                ProjectId = (string)project["id"]!,
                WorkspaceId = (string)workspace["id"]!,
                ClientId = (string)oauth["client_id"]!,
                ClientSecret = (string)oauth["client_secrets"]![0]!,
            };
        }
        catch (IOException)
        {
            throw new DeveloperException($"There is no '{path}'. Start the server once ('signalbox serve'), name its data directory with --data DIR, or set the variables of 'signalbox env'.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new DeveloperException($"'{path}' cannot be read by this user: it holds credentials.");
        }
        catch (Exception exception) when (exception is JsonException or NullReferenceException or InvalidOperationException or UriFormatException or ArgumentException)
        {
            throw new DeveloperException($"'{path}' is not a console document of this version.");
        }
    }
}
