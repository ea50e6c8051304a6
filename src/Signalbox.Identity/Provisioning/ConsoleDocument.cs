using System.Text.Json;
using System.Text.Json.Nodes;
using Signalbox.Identity.Tokens;

namespace Signalbox.Identity.Provisioning;

/// <summary>
/// The Developer Console's project download, <c>console.json</c> (clients, section 5), which
/// <c>aio app use console.json</c> imports.
/// </summary>
/// <remarks>
/// The importer always writes <c>AIO_runtime_apihost=https://adobeioruntime.net</c> into <c>.env</c> for a namespace
/// that has a name; that one line is to be edited afterwards (docs/operating.md). A nameless namespace would keep the
/// entry's own <c>apihost</c>, but then everyone else who reads the document would miss the name.
/// The credential <c>cli</c> holds the CLI's cached token (clients, section 1.2); it stands last, because the clients
/// take the first server-to-server credential.
/// </remarks>
public static class ConsoleDocument
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    private static readonly (string Code, string Name)[] _services =
    [
        ("AdobeIOManagementAPISDK", "I/O Management API"),
        ("EventsIngressSDK", "I/O Events"),
    ];

    /// <summary>The document as indented JSON text. It holds secrets: keep it in a file of mode 0600.</summary>
    /// <param name="workspace">What it describes.</param>
    /// <param name="serverUrl">The server's URL as its users reach it.</param>
    /// <param name="commandLineToken">The token that the <c>aio</c> command line is to use; a long-lived one.</param>
    public static string Write(ProvisionedWorkspace workspace, Uri serverUrl, IssuedToken commandLineToken) =>
        Write(WorkspaceDownload.Of(workspace), serverUrl, commandLineToken);

    /// <inheritdoc cref="Write(ProvisionedWorkspace, Uri, IssuedToken)"/>
    /// <param name="workspace">What it describes.</param>
    /// <param name="serverUrl">The server's URL as its users reach it.</param>
    /// <param name="commandLineToken">Null for a workspace without a credential, which can have no token.</param>
    public static string Write(WorkspaceDownload workspace, Uri serverUrl, IssuedToken? commandLineToken)
    {
        var url = ServerUrl.ForClients(serverUrl);
        var place = workspace.Workspace;
        var document = new JsonObject
        {
            ["project"] = new JsonObject
            {
                ["id"] = place.ProjectId.Value,
                ["name"] = workspace.ProjectName,
                ["title"] = workspace.ProjectTitle,
                ["description"] = workspace.ProjectDescription,
                ["org"] = new JsonObject
                {
                    ["id"] = place.OrganizationId.Value,
                    ["name"] = workspace.OrganizationName,
                    ["ims_org_id"] = place.ImsOrgId,
                },
                ["workspace"] = new JsonObject
                {
                    ["id"] = place.WorkspaceId.Value,
                    ["name"] = place.Name,
                    ["title"] = place.Name,
                    ["action_url"] = workspace.Namespace is { } owner ? $"{url}/api/v1/web/{owner.Name}" : url,
                    ["app_url"] = url,
                    ["details"] = Details(workspace, url, commandLineToken),
                    ["endpoints"] = new JsonObject(),
                },
            },
        };
        return document.ToJsonString(_indented) + "\n";
    }

    private static JsonObject Details(WorkspaceDownload workspace, string url, IssuedToken? commandLineToken)
    {
        var credentials = new JsonArray([.. workspace.Credentials.Select(c => ServerToServer(c.Credential, c.ClientSecrets))]);
        if (commandLineToken is not null)
        {
            credentials.Add(CommandLine(commandLineToken));
        }

        return new JsonObject
        {
            ["credentials"] = credentials,
            ["services"] = new JsonArray(
                [.. _services.Select(service => new JsonObject { ["code"] = service.Code, ["name"] = service.Name })]),
            ["runtime"] = new JsonObject { ["namespaces"] = workspace.Namespace is { } owner ? Namespaces(owner, url) : new JsonArray() },
        };
    }

    private static JsonObject ServerToServer(Credential credential, IReadOnlyList<string> secrets) => new()
    {
        ["id"] = credential.Id.Value,
        ["name"] = credential.Name,
        ["integration_type"] = "oauth_server_to_server",
        ["oauth_server_to_server"] = new JsonObject
        {
            ["client_id"] = credential.ClientId.Value,
            ["client_secrets"] = Texts(secrets),
            ["technical_account_email"] = credential.TechnicalAccountEmail,
            ["technical_account_id"] = credential.TechnicalAccountId,
            ["scopes"] = Texts(Scopes.All),
        },
    };

    private static JsonObject CommandLine(IssuedToken token) => new()
    {
        ["id"] = "1",
        ["name"] = "cli",
        ["integration_type"] = "apikey",
        ["api_key"] = new JsonObject
        {
            ["client_id"] = "aio-cli-console-auth",
            ["access_token"] = new JsonObject
            {
                ["token"] = token.AccessToken,
                ["expiry"] = token.ExpiresAt.ToUnixTimeMilliseconds(),
            },
        },
    };

    private static JsonArray Namespaces(NamespaceIdentity @namespace, string url) => new(
        new JsonObject
        {
            ["name"] = @namespace.Name,
            ["auth"] = $"{@namespace.Uuid:D}:{@namespace.Key}",
            ["apihost"] = url,
        });

    private static JsonArray Texts(IReadOnlyList<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);
}
