using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>What a user learns from <c>console.json</c>, the project download (clients, section 5).</summary>
public sealed record ConsoleDocument
{
    public required string OrganizationId { get; init; }

    public required string ImsOrgId { get; init; }

    public required string ProjectId { get; init; }

    public required string WorkspaceId { get; init; }

    public required string CredentialId { get; init; }

    public required string ClientId { get; init; }

    public required string ClientSecret { get; init; }

    public required string Namespace { get; init; }

    /// <summary><c>uuid:key</c>.</summary>
    public required string RuntimeAuth { get; init; }

    /// <summary>The path of the workspace's things in the events API.</summary>
    public string WorkspacePath => $"/events/{OrganizationId}/{ProjectId}/{WorkspaceId}";

    public static ConsoleDocument Read(string dataDirectory)
    {
        var project = JsonNode.Parse(File.ReadAllText(Path.Combine(dataDirectory, "console.json")))!["project"]!;
        var workspace = project["workspace"]!;
        var credential = workspace["details"]!["credentials"]!.AsArray()
            .First(c => c!["integration_type"]!.GetValue<string>() == "oauth_server_to_server")!;
        var oauth = credential["oauth_server_to_server"]!;
        var runtime = workspace["details"]!["runtime"]!["namespaces"]![0]!;
        return new ConsoleDocument
        {
            OrganizationId = Text(project["org"]!["id"]),
            ImsOrgId = Text(project["org"]!["ims_org_id"]),
            ProjectId = Text(project["id"]),
            WorkspaceId = Text(workspace["id"]),
            CredentialId = Text(credential["id"]),
            ClientId = Text(oauth["client_id"]),
            ClientSecret = Text(oauth["client_secrets"]![0]),
            Namespace = runtime["namespace"] is { } named ? Text(named) : Text(runtime["name"]),
            RuntimeAuth = Text(runtime["auth"]),
        };
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
