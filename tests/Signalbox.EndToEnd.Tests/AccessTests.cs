using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>Who may do what.</summary>
public sealed class AccessTests(RunningServer running)
{
    private ServerClient Client => running.Client;

    [Fact]
    public async Task Without_a_good_token_nothing_of_the_events_APIs_answers()
    {
        var path = $"/events/{Client.Console.OrganizationId}/providers";
        var altered = string.Create(Client.Token.Length, Client.Token, (span, token) =>
        {
            token.CopyTo(span);
            span[^5] = span[^5] == 'A' ? 'B' : 'A';
        });

        (await Client.SendAsync(HttpMethod.Get, path, null)).Expect(HttpStatusCode.Unauthorized);
        (await Client.SendAsync(HttpMethod.Get, path, new AuthenticationHeaderValue("Bearer", "nonsense"))).Expect(HttpStatusCode.Unauthorized);
        (await Client.SendAsync(HttpMethod.Get, path, new AuthenticationHeaderValue("Bearer", altered))).Expect(HttpStatusCode.Unauthorized);
        (await Client.SendAsync(HttpMethod.Get, path, Client.RuntimeCredentials)).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Without_a_known_api_key_a_good_token_is_not_enough()
    {
        var path = $"/events/{Client.Console.OrganizationId}/providers";
        var bearer = new AuthenticationHeaderValue("Bearer", Client.Token);

        (await Client.SendAsync(HttpMethod.Get, path, bearer, apiKey: string.Empty)).Expect(HttpStatusCode.Forbidden);
        (await Client.SendAsync(HttpMethod.Get, path, bearer, apiKey: "unknown-key")).Expect(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Another_organizations_things_stay_closed()
    {
        var console = Client.Console;
        (await Client.EventsAsync(HttpMethod.Get, "/events/1/providers")).Expect(HttpStatusCode.Forbidden);
        (await Client.EventsAsync(HttpMethod.Get, $"/events/1/{console.ProjectId}/{console.WorkspaceId}/registrations")).Expect(HttpStatusCode.Forbidden);
        (await Client.EventsAsync(HttpMethod.Get, $"/events/organizations/1/integrations/{console.CredentialId}/{Guid.NewGuid()}")).Expect(HttpStatusCode.Forbidden);
        (await Client.EventsAsync(HttpMethod.Get, $"/events/{console.OrganizationId}/1/{console.WorkspaceId}/registrations")).Expect(HttpStatusCode.NotFound);
        (await Client.EventsAsync(HttpMethod.Get, $"/events/{console.OrganizationId}/{console.ProjectId}/1/registrations")).Expect(HttpStatusCode.NotFound);
        (await Client.EventsAsync(HttpMethod.Get, $"/events/organizations/{console.OrganizationId}/integrations/1/{Guid.NewGuid()}")).Expect(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Another_namespace_is_forbidden_and_wrong_keys_are_refused()
    {
        (await Client.SendAsync(HttpMethod.Get, "/api/v1/namespaces/somebody-else/actions", Client.RuntimeCredentials)).Expect(HttpStatusCode.Forbidden);
        (await Client.SendAsync(HttpMethod.Get, "/api/v1/namespaces/_/actions", null)).Expect(HttpStatusCode.Unauthorized);
        var uuid = Client.Console.RuntimeAuth.Split(':')[0];
        var wrong = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"{uuid}:{new string('x', 64)}"));
        (await Client.SendAsync(HttpMethod.Get, "/api/v1/namespaces/_/actions", new AuthenticationHeaderValue("Basic", wrong))).Expect(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("client_secret", "wrong")]
    [InlineData("client_id", "unknown")]
    [InlineData("grant_type", "password")]
    public async Task A_token_is_not_issued_for_a_wrong(string field, string value)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = Client.Console.ClientId,
            ["client_secret"] = Client.Console.ClientSecret,
            ["scope"] = "adobeio_api",
            [field] = value,
        };
        using var content = new FormUrlEncodedContent(form);

        var answer = await Client.SendAsync(HttpMethod.Post, "/ims/token/v3", null, content);

        Assert.InRange((int)answer.Status, 400, 401);
        Assert.NotNull(answer.Json["error"]);
        Assert.DoesNotContain(Client.Console.ClientSecret, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_file_is_readable_by_its_owner_only_and_secrets_are_not_on_the_disk_in_clear()
    {
        var folder = running.Server.DataDirectory;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "console.json")));
        await Client.PutActionAsync("shop/secretive", "function main () { return {} }");
        (await Client.RuntimeAsync(HttpMethod.Put, "/actions/shop/secretive?overwrite=true", new JsonObject
        {
            ["parameters"] = new JsonArray(new JsonObject { ["key"] = "password", ["value"] = "in-clear-text-nowhere" }),
        })).Expect(HttpStatusCode.OK);

        var key = Client.Console.RuntimeAuth.Split(':')[1];
        foreach (var file in Directory.GetFiles(folder, "signalbox.db*"))
        {
            var content = System.Text.Encoding.Latin1.GetString(await ReadSharedAsync(file));
            Assert.DoesNotContain(Client.Console.ClientSecret, content, StringComparison.Ordinal);
            Assert.DoesNotContain(key, content, StringComparison.Ordinal);
            Assert.DoesNotContain("in-clear-text-nowhere", content, StringComparison.Ordinal);
            Assert.DoesNotContain("PRIVATE KEY", content, StringComparison.Ordinal);
        }
    }

    private static async Task<byte[]> ReadSharedAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }
}
