using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Signalbox.Identity.Provisioning;
using Signalbox.Identity.Tokens;

namespace Signalbox.Identity.Tests;

public sealed class ProvisioningTests
{
    private static readonly Uri _url = new("http://127.0.0.1:8080/");
    private static readonly IssuedToken _token = new("a.b.c", TimeSpan.FromDays(365), DateTimeOffset.FromUnixTimeSeconds(4_102_444_800));

    [Fact]
    public async Task The_console_document_obeys_the_schema_of_the_aio_app_plugin()
    {
        await using var server = await IdentityServer.StartAsync();
        var root = JsonDocument.Parse(ConsoleDocument.Write(server.Own, _url, _token)).RootElement;

        var project = root.GetProperty("project");
        Matches(@"^\d+$", project, "id");
        Matches("^[A-Za-z0-9À-ÿ]{1,20}$", project, "name");
        Matches(@"^[\p{L}0-9 ]{1,45}$", project, "title");
        var organization = project.GetProperty("org");
        Matches(@"^\d+$", organization, "id");
        Matches("^.+$", organization, "name");
        Matches(@"^[0-9A-F]{24}@AdobeOrg$", organization, "ims_org_id");
        var workspace = project.GetProperty("workspace");
        Matches(@"^\d+$", workspace, "id");
        Matches("^[A-Za-z0-9]{1,20}$", workspace, "name");
        Assert.True(Uri.TryCreate(workspace.GetProperty("action_url").GetString(), UriKind.Absolute, out _));
        Assert.True(Uri.TryCreate(workspace.GetProperty("app_url").GetString(), UriKind.Absolute, out _));
        var details = workspace.GetProperty("details");
        Assert.NotEqual(0, details.GetProperty("services").GetArrayLength());
        foreach (var service in details.GetProperty("services").EnumerateArray())
        {
            Matches("^.+$", service, "code");
            Matches("^.+$", service, "name");
        }

        foreach (var credential in details.GetProperty("credentials").EnumerateArray())
        {
            Matches("^.+$", credential, "id");
            Matches("^.+$", credential, "name");
            Matches("^.+$", credential, "integration_type");
            Assert.Single(credential.EnumerateObject(), member => member.Name is "oauth_server_to_server" or "jwt" or "api_key" or "oauth2");
        }

        foreach (var @namespace in details.GetProperty("runtime").GetProperty("namespaces").EnumerateArray())
        {
            Assert.Equal(JsonValueKind.String, @namespace.GetProperty("name").ValueKind);
            Matches("^[0-9a-f-]{36}:[A-Za-z0-9]{64}$", @namespace, "auth");
        }
    }

    [Fact]
    public async Task The_console_document_names_the_server_to_server_credential_first_and_configures_the_command_line()
    {
        await using var server = await IdentityServer.StartAsync();
        var details = JsonDocument.Parse(ConsoleDocument.Write(server.Own, _url, _token)).RootElement
            .GetProperty("project").GetProperty("workspace").GetProperty("details");

        var oauth = details.GetProperty("credentials")[0].GetProperty("oauth_server_to_server");
        Matches("^[0-9a-f]{32}$", oauth, "client_id");
        Matches(@"^[^@\s]+@techacct\.adobe\.com$", oauth, "technical_account_email");
        Matches(@"^[0-9A-F]{24}@techacct\.adobe\.com$", oauth, "technical_account_id");
        Assert.Matches("^p8e-[A-Za-z0-9_-]{32,}$", oauth.GetProperty("client_secrets")[0].GetString()!);
        var scopes = oauth.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()).ToArray();
        Assert.Contains("adobeio_api", scopes);
        Assert.Contains("openid", scopes);
        Assert.Contains("AdobeID", scopes);

        var cached = details.GetProperty("credentials")[1].GetProperty("api_key").GetProperty("access_token");
        Assert.Equal("a.b.c", cached.GetProperty("token").GetString());
        Assert.Equal(4_102_444_800_000, cached.GetProperty("expiry").GetInt64());

        var namespaces = details.GetProperty("runtime").GetProperty("namespaces");
        Assert.Equal("", namespaces[0].GetProperty("name").GetString());
        Assert.Equal("http://localhost:8080", namespaces[0].GetProperty("apihost").GetString());
        Assert.Equal(server.Own.Namespace.Name, namespaces[0].GetProperty("namespace").GetString());
        Assert.Equal(server.Own.Namespace.Name, namespaces[1].GetProperty("name").GetString());
    }

    [Fact]
    public async Task The_exports_survive_a_real_shell_and_point_at_localhost()
    {
        await using var server = await IdentityServer.StartAsync();
        var exports = EnvironmentExports.For(server.Own, _url);
        var values = exports.ToDictionary();

        Assert.Equal("http://localhost:8080", values["AIO_RUNTIME_APIHOST"]);
        Assert.Equal("1", values["USE_RUNTIME_AUTH"]);
        Assert.Equal($"{server.Own.Namespace.Uuid}:{server.Own.Namespace.Key}", values["__OW_API_KEY"]);
        Assert.Equal(server.Own.ClientSecrets[0], values["SIGNALBOX_CLIENT_SECRET"]);
        Assert.Equal(server.Own.Workspace.OrganizationId.Value, values["SIGNALBOX_CONSUMER_ORG_ID"]);

        foreach (var value in values.Values.Append("a'b \"$(id)\" `id` \\ \n;").Append(""))
        {
            var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true };
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add($"{EnvironmentExports.ToShellLine("X", value)}; printf '%s|' \"$X\"");
            using var shell = Process.Start(start)!;
            Assert.Equal(value + "|", await shell.StandardOutput.ReadToEndAsync());
            await shell.WaitForExitAsync();
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:3233", "http://localhost:3233")]
    [InlineData("http://0.0.0.0:3233/", "http://localhost:3233")]
    [InlineData("http://[::]:3233", "http://localhost:3233")]
    [InlineData("http://[::1]:3233", "http://localhost:3233")]
    [InlineData("https://signalbox.example.org/", "https://signalbox.example.org")]
    [InlineData("http://10.1.2.3:80/base/", "http://10.1.2.3/base")]
    public void Clients_are_given_localhost_for_a_local_address(string url, string expected) =>
        Assert.Equal(expected, ServerUrl.ForClients(new Uri(url)));

    [Theory]
    [InlineData("my-project")]
    [InlineData("")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("project\n")]
    public async Task A_project_name_that_breaks_the_rule_is_refused_by_name(string name)
    {
        await using var server = await IdentityServer.StartAsync();

        var refusal = await Assert.ThrowsAsync<ArgumentException>(
            () => server.Provisioning.CreateAsync(new NewWorkspace { ProjectName = name }, CancellationToken.None));

        Assert.Contains("ProjectName", refusal.Message, StringComparison.Ordinal);
    }

    private static void Matches(string pattern, JsonElement parent, string member) =>
        Assert.Matches(new Regex(pattern), parent.GetProperty(member).GetString()!);
}
