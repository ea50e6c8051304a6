using System.Text;
using Signalbox.Identity.Provisioning;
using Signalbox.Identity.Tokens;

namespace Signalbox.Server;

/// <summary>
/// Sees to it that there is a workspace to work in, and tells its user how: <c>console.json</c> for the clients'
/// import and <c>env.sh</c> for the shell, both mode 0600, both written anew at each start because the URL may change.
/// </summary>
internal static class FirstStart
{
    public const string ConsoleFile = "console.json";
    public const string EnvironmentFile = "env.sh";

    /// <summary>The command line's cached token: it cannot ask for another, so it is good for a long time.</summary>
    private static readonly TimeSpan _commandLineTokenLifetime = TimeSpan.FromDays(365);

    public static async Task EnsureAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var data = services.GetRequiredService<DataDirectory>();
        var url = services.GetRequiredService<ServerAddress>().Public;
        var workspace = await services.GetRequiredService<IdentityProvisioning>().EnsureFirstWorkspaceAsync(null, cancellationToken);
        var token = await services.GetRequiredService<TokenIssuer>().IssueAsync(workspace.Credential, _commandLineTokenLifetime, cancellationToken);
        await data.WritePrivateFileAsync(ConsoleFile, ConsoleDocument.Write(workspace, url, token), cancellationToken);

        var exports = new StringBuilder();
        foreach (var (name, value) in EnvironmentExports.For(workspace, url, token))
        {
            exports.Append(EnvironmentExports.ToShellLine(name, value)).Append('\n');
        }

        await data.WritePrivateFileAsync(EnvironmentFile, exports.ToString(), cancellationToken);
    }
}
