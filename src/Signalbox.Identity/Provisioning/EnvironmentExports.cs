using System.Globalization;
using System.Text.RegularExpressions;
using Signalbox.Identity.Tokens;

namespace Signalbox.Identity.Provisioning;

/// <summary>The environment variables that point the unmodified clients, and curl, at a server (clients, section 1.4).</summary>
public static partial class EnvironmentExports
{
    /// <summary>Names and values, in the order in which they are printed. They hold secrets.</summary>
    /// <param name="workspace">Whose credentials to export.</param>
    /// <param name="serverUrl">The server's URL as its users reach it.</param>
    /// <param name="commandLineToken">When given, also the <c>aio</c> command line's cached token, for <c>aio app deploy</c>.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> For(
        ProvisionedWorkspace workspace, Uri serverUrl, IssuedToken? commandLineToken = null)
    {
        var url = ServerUrl.ForClients(serverUrl);
        var auth = $"{workspace.Namespace.Uuid:D}:{workspace.Namespace.Key}";
        var place = workspace.Workspace;
        List<KeyValuePair<string, string>> exports =
        [
            new("AIO_RUNTIME_APIHOST", url),
            new("AIO_RUNTIME_NAMESPACE", workspace.Namespace.Name),
            new("AIO_RUNTIME_AUTH", auth),
            new("USE_RUNTIME_AUTH", "1"),
            new("__OW_API_HOST", url),
            new("__OW_API_KEY", auth),
            new("__OW_NAMESPACE", workspace.Namespace.Name),
            new("AIO_DEPLOY_SERVICE_URL", url),
            new("SIGNALBOX_URL", url),
            new("SIGNALBOX_INGRESS_URL", $"{url}/ingress"),
            new("SIGNALBOX_TOKEN_URL", $"{url}/ims/token/v3"),
            new("SIGNALBOX_CLIENT_ID", workspace.Credential.ClientId.Value),
            new("SIGNALBOX_CLIENT_SECRET", workspace.ClientSecrets[0]),
            new("SIGNALBOX_IMS_ORG_ID", place.ImsOrgId),
            new("SIGNALBOX_CONSUMER_ORG_ID", place.OrganizationId.Value),
            new("SIGNALBOX_PROJECT_ID", place.ProjectId.Value),
            new("SIGNALBOX_WORKSPACE_ID", place.WorkspaceId.Value),
            new("SIGNALBOX_CREDENTIAL_ID", workspace.Credential.Id.Value),
        ];
        if (commandLineToken is not null)
        {
            exports.Add(new("AIO_IMS_CONTEXTS_CLI_ACCESS__TOKEN_TOKEN", commandLineToken.AccessToken));
            exports.Add(new(
                "AIO_IMS_CONTEXTS_CLI_ACCESS__TOKEN_EXPIRY",
                commandLineToken.ExpiresAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)));
        }

        return exports;
    }

    /// <summary>The line that a POSIX shell evaluates: <c>export NAME='value'</c>.</summary>
    public static string ToShellLine(string name, string value) => $"export {name}={QuoteForShell(value)}";

    /// <summary>The value as one word of a POSIX shell, whatever is in it: bare when harmless, else in single quotes.</summary>
    public static string QuoteForShell(string value) =>
        Harmless().IsMatch(value) ? value : "'" + value.Replace("'", @"'\''", StringComparison.Ordinal) + "'";

    [GeneratedRegex(@"^[A-Za-z0-9_./:@%+=,-]+\z")]
    private static partial Regex Harmless();
}
