using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Signalbox.Identity.Tests;

public sealed class ApiCallerTests
{
    [Fact]
    public async Task A_good_token_with_a_key_of_its_organization_passes_and_names_the_caller()
    {
        await using var server = await IdentityServer.StartAsync();

        using var response = await server.CallAsync(
            await server.TokenAsync(), server.Own.Credential.ClientId.Value, server.Own.Workspace.OrganizationId, server.Own.Workspace.ImsOrgId);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var caller = await response.Content.ReadAsStringAsync();
        Assert.Contains(server.Own.Workspace.OrganizationId.Value, caller, StringComparison.Ordinal);
        Assert.Contains(server.Own.Credential.ClientId.Value, caller, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AAAA")]
    public async Task A_missing_or_malformed_token_is_401(string? token)
    {
        await using var server = await IdentityServer.StartAsync();

        using var response = await server.CallAsync(token);

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task Basic_authentication_is_401()
    {
        await using var server = await IdentityServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/events/{server.Own.Workspace.OrganizationId}/providers");
        request.Headers.Add("Authorization", "Basic YTpi");

        using var response = await server.Client.SendAsync(request);

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_token_is_good_until_the_second_before_its_expiry_and_401_from_that_second_on()
    {
        await using var server = await IdentityServer.StartAsync();
        var remembered = await server.TokenAsync();
        var unseen = await server.TokenAsync();
        Assert.Equal(HttpStatusCode.OK, (await server.CallAsync(remembered)).StatusCode);

        server.Test.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await server.CallAsync(remembered)).StatusCode);

        server.Test.Clock.Advance(TimeSpan.FromSeconds(1));
        foreach (var token in new[] { remembered, unseen })
        {
            using var response = await server.CallAsync(token);
            Assert.Contains("expired", await AssertErrorAsync(response, HttpStatusCode.Unauthorized), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_whose_claims_were_altered_is_401_even_when_the_original_is_remembered()
    {
        await using var server = await IdentityServer.StartAsync();
        var token = await server.TokenAsync();
        Assert.Equal(HttpStatusCode.OK, (await server.CallAsync(token)).StatusCode);
        var parts = token.Split('.');
        var claims = Encoding.UTF8.GetString(FromBase64Url(parts[1]));
        var forged = claims.Replace(server.Own.Workspace.ImsOrgId, server.Foreign.Workspace.ImsOrgId, StringComparison.Ordinal);
        Assert.NotEqual(claims, forged);

        using var altered = await server.CallAsync($"{parts[0]}.{ToBase64Url(forged)}.{parts[2]}");
        using var unsigned = await server.CallAsync($"{ToBase64Url("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.");
        using var cut = await server.CallAsync($"{parts[0]}.{parts[1]}.");

        await AssertErrorAsync(altered, HttpStatusCode.Unauthorized);
        await AssertErrorAsync(unsigned, HttpStatusCode.Unauthorized);
        await AssertErrorAsync(cut, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_token_of_another_server_or_another_issuer_is_401()
    {
        await using var server = await IdentityServer.StartAsync();
        await using var other = await IdentityServer.StartAsync();
        var sameKeysOtherIssuer = new Tokens.TokenIssuer(
            new Tokens.TokenSigningKeys(server.Test.Database, server.Test.Secrets, server.Test.Clock),
            new IdentityOptions { TokenIssuerName = "elsewhere" },
            server.Test.Clock);
        await server.TokenAsync();

        using var otherServer = await server.CallAsync(await other.TokenAsync());
        using var otherIssuer = await server.CallAsync(
            (await sameKeysOtherIssuer.IssueAsync(server.Own.Credential, null, CancellationToken.None)).AccessToken);

        await AssertErrorAsync(otherServer, HttpStatusCode.Unauthorized);
        await AssertErrorAsync(otherIssuer, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_token_without_the_scope_of_the_events_APIs_is_403()
    {
        await using var server = await IdentityServer.StartAsync();

        using var response = await server.CallAsync(await server.TokenAsync("openid", "AdobeID"));

        Assert.Contains("adobeio_api", await AssertErrorAsync(response, HttpStatusCode.Forbidden), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_unknown_or_foreign_API_key_is_403()
    {
        await using var server = await IdentityServer.StartAsync();
        var token = await server.TokenAsync();

        foreach (var key in new[] { null, "", "0123456789abcdef0123456789abcdef", server.Foreign.Credential.ClientId.Value })
        {
            using var response = await server.CallAsync(token, key, server.Own.Workspace.OrganizationId);
            await AssertErrorAsync(response, HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task Another_organization_in_the_path_or_in_x_ims_org_id_is_403()
    {
        await using var server = await IdentityServer.StartAsync();
        var token = await server.TokenAsync();
        var key = server.Own.Credential.ClientId.Value;

        using var path = await server.CallAsync(token, key, server.Foreign.Workspace.OrganizationId);
        using var header = await server.CallAsync(token, key, server.Own.Workspace.OrganizationId, server.Foreign.Workspace.ImsOrgId);

        await AssertErrorAsync(path, HttpStatusCode.Forbidden);
        await AssertErrorAsync(header, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_caller_is_asked_before_the_body_is_read()
    {
        await using var server = await IdentityServer.StartAsync();

        using var response = await server.Client.PostAsync("/events/bodies", new StringContent("{broken", Encoding.UTF8, "application/json"));

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_error_answer_lists_field_errors_and_names_what_conflicts()
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        context.Response.Headers["x-request-id"] = "given";

        await (ApiErrors.BadRequest("Two fields.", new ApiFieldError("label", "is missing")) with { ConflictingId = "7" }).ExecuteAsync(context);

        var body = JsonDocument.Parse(((MemoryStream)context.Response.Body).ToArray()).RootElement;
        Assert.Equal("""{"reason":"Bad Request","message":"Two fields.","errors":[{"field":"label","message":"is missing"}],"request_id":"given"}""", body.GetRawText());
        Assert.Equal("given", context.Response.Headers["x-request-id"]);
        Assert.Equal("7", context.Response.Headers["x-conflicting-id"]);
    }

    private static async Task<string> AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.NotEmpty(response.Headers.GetValues("x-request-id").Single());
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(status == HttpStatusCode.Unauthorized ? "Unauthorized" : "Forbidden", body.GetProperty("reason").GetString());
        Assert.Equal(0, body.GetProperty("errors").GetArrayLength());
        return body.GetProperty("message").GetString()!;
    }

    private static string ToBase64Url(string text) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static byte[] FromBase64Url(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='));
    }
}
