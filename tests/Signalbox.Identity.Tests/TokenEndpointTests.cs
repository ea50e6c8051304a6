using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Signalbox.Identity.Tests;

public sealed class TokenEndpointTests
{
    [Theory, InlineData("/ims/token/v3"), InlineData("/ims/token/v2"), InlineData("/ims/token")]
    public async Task Client_credentials_get_a_token_that_opens_the_events_APIs(string path)
    {
        await using var server = await IdentityServer.StartAsync();

        using var response = await server.Client.PostAsync(path, new FormUrlEncodedContent(Form(server)));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.NoStore);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("bearer", body.GetProperty("token_type").GetString());
        Assert.Equal(86_400, body.GetProperty("expires_in").GetInt64());
        Assert.Equal(HttpStatusCode.OK, (await server.CallAsync(body.GetProperty("access_token").GetString())).StatusCode);
    }

    [Fact]
    public async Task A_multipart_form_with_comma_joined_scopes_works_as_the_aio_clients_send_it()
    {
        await using var server = await IdentityServer.StartAsync();
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in Form(server))
        {
            form.Add(new StringContent(value), name);
        }

        form.Add(new StringContent(server.Own.Workspace.ImsOrgId), "org_id");

        using var response = await server.Client.PostAsync("/ims/token/v2", form);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task The_token_carries_the_claims_that_the_clients_read_and_verifies_with_the_published_key()
    {
        await using var server = await IdentityServer.StartAsync();
        var text = await server.TokenAsync();
        var token = new JsonWebToken(text);
        var now = server.Test.Clock.GetUtcNow();

        Assert.Equal(now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), token.GetPayloadValue<string>("created_at"));
        Assert.Equal("86400000", token.GetPayloadValue<string>("expires_in"));
        Assert.Equal(server.Own.Credential.ClientId.Value, token.GetPayloadValue<string>("client_id"));
        Assert.Equal("access_token", token.GetPayloadValue<string>("type"));
        Assert.Equal("ims-na1", token.GetPayloadValue<string>("as"));
        Assert.Equal(server.Own.Credential.TechnicalAccountId, token.GetPayloadValue<string>("user_id"));
        Assert.Equal(server.Own.Workspace.ImsOrgId, token.GetPayloadValue<string>("org"));
        Assert.Contains("adobeio_api", token.GetPayloadValue<string>("scope").Split(','));
        Assert.Equal(now.ToUnixTimeSeconds(), token.GetPayloadValue<long>("iat"));
        Assert.Equal(now.AddHours(24).ToUnixTimeSeconds(), token.GetPayloadValue<long>("exp"));

        var keys = new JsonWebKeySet(await server.Client.GetStringAsync("/ims/keys"));
        Assert.Equal(token.Kid, keys.Keys.Single().Kid);
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(text, new TokenValidationParameters
        {
            IssuerSigningKeys = keys.GetSigningKeys(),
            ValidIssuer = "signalbox",
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        Assert.True(result.IsValid);
        Assert.DoesNotContain("\"d\"", await server.Client.GetStringAsync("/ims/keys"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grant_type", null, 400, "invalid_request")]
    [InlineData("client_id", null, 400, "invalid_request")]
    [InlineData("client_secret", "", 400, "invalid_request")]
    [InlineData("grant_type", "password", 400, "unsupported_grant_type")]
    [InlineData("client_id", "unknown", 401, "invalid_client")]
    [InlineData("client_secret", "wrong", 401, "invalid_client")]
    [InlineData("scope", "adobeio_api,root", 400, "invalid_scope")]
    [InlineData("org_id", "000000000000000000000000@AdobeOrg", 400, "invalid_request")]
    public async Task A_wrong_field_is_refused_with_the_OAuth_error(string field, string? value, int status, string error)
    {
        await using var server = await IdentityServer.StartAsync();
        var form = Form(server);
        form.Remove(field);
        if (value is not null)
        {
            form[field] = value;
        }

        using var response = await server.Client.PostAsync("/ims/token/v3", new FormUrlEncodedContent(form));

        await AssertErrorAsync(response, status, error);
    }

    [Fact]
    public async Task Malformed_huge_and_foreign_bodies_are_refused_clearly()
    {
        await using var server = await IdentityServer.StartAsync();

        using var json = await server.Client.PostAsync("/ims/token/v3", new StringContent("{}", Encoding.UTF8, "application/json"));
        await AssertErrorAsync(json, 415, "invalid_request");
        using var nothing = await server.Client.PostAsync("/ims/token/v3", null);
        await AssertErrorAsync(nothing, 415, "invalid_request");
        using var cut = await server.Client.PostAsync(
            "/ims/token/v3", Raw("--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nclient", "multipart/form-data; boundary=b"));
        await AssertErrorAsync(cut, 400, "invalid_request");
        using var noBoundary = await server.Client.PostAsync("/ims/token/v3", Raw("x", "multipart/form-data"));
        await AssertErrorAsync(noBoundary, 400, "invalid_request");
        using var seven = await server.Client.PostAsync("/ims/token/v3", Raw("client_id=x", "application/x-www-form-urlencoded; charset=utf-7"));
        await AssertErrorAsync(seven, 400, "invalid_request");
        using var crowded = await server.Client.PostAsync(
            "/ims/token/v3", Raw(string.Join('&', Enumerable.Range(0, 500).Select(i => $"a{i}=1")), "application/x-www-form-urlencoded"));
        await AssertErrorAsync(crowded, 400, "invalid_request");
        using var huge = await server.Client.PostAsync(
            "/ims/token/v3", Raw("client_id=" + new string('x', 70_000), "application/x-www-form-urlencoded"));
        await AssertErrorAsync(huge, 413, "invalid_request");
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/ims/token/v3")
        {
            Content = Raw("client_id=" + new string('x', 70_000), "application/x-www-form-urlencoded"),
            Headers = { TransferEncodingChunked = true },
        };
        using var hugeChunked = await server.Client.SendAsync(chunked);
        await AssertErrorAsync(hugeChunked, 413, "invalid_request");
    }

    [Fact]
    public async Task A_body_that_breaks_is_refused_and_ends_its_connection()
    {
        await using var server = await IdentityServer.StartAsync();
        using var client = new System.Net.Sockets.TcpClient("127.0.0.1", server.Client.BaseAddress!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync("POST /ims/token/v3 HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"u8.ToArray());

        var answer = await new StreamReader(stream).ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guessing_is_told_to_wait_for_that_client_alone_and_never_keeps_the_right_secret_out()
    {
        await using var server = await IdentityServer.StartAsync();
        var wrong = Form(server);
        wrong["client_secret"] = "wrong";
        for (var i = 0; i < 10; i++)
        {
            await AssertAsync(wrong, 401, "invalid_client");
        }

        server.Test.Clock.Advance(TimeSpan.FromSeconds(15));
        using var right = await server.Client.PostAsync("/ims/token/v3", new FormUrlEncodedContent(Form(server)));
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        using var slowed = await server.Client.PostAsync("/ims/token/v3", new FormUrlEncodedContent(wrong));
        await AssertErrorAsync(slowed, 429, "temporarily_unavailable");
        Assert.Equal(TimeSpan.FromSeconds(45), slowed.Headers.RetryAfter!.Delta);

        var foreign = Form(server);
        foreign["client_id"] = server.Foreign.Credential.ClientId.Value;
        await AssertAsync(foreign, 401, "invalid_client");

        server.Test.Clock.Advance(TimeSpan.FromSeconds(45));
        await AssertAsync(wrong, 401, "invalid_client");

        async Task AssertAsync(Dictionary<string, string> form, int status, string error)
        {
            using var answer = await server.Client.PostAsync("/ims/token/v3", new FormUrlEncodedContent(form));
            await AssertErrorAsync(answer, status, error);
        }
    }

    [Fact]
    public async Task Guessing_elsewhere_is_counted_by_itself()
    {
        await using var server = await IdentityServer.StartAsync(new IdentityOptions { FailuresMax = 1 });
        var wrong = Form(server);
        wrong["client_secret"] = "wrong";
        using var elsewhere = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { BaseAddress = server.Url };

        int[] answers = [await PostAsync(server.Client), await PostAsync(server.Client), await PostAsync(elsewhere), await PostAsync(elsewhere)];
        Assert.Equal([401, 429, 401, 429], answers);

        async Task<int> PostAsync(HttpClient client)
        {
            using var answer = await client.PostAsync("/ims/token/v3", new FormUrlEncodedContent(wrong));
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task An_added_client_secret_works_beside_the_older_one()
    {
        await using var server = await IdentityServer.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync("/ims/token/v3", new FormUrlEncodedContent(Form(server)))).StatusCode);
        var form = Form(server);
        form["client_secret"] = (await server.Provisioning.AddClientSecretAsync(server.Own.Credential.Id, CancellationToken.None))!;

        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync("/ims/token/v3", new FormUrlEncodedContent(form))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync("/ims/token/v3", new FormUrlEncodedContent(Form(server)))).StatusCode);
    }

    private static Dictionary<string, string> Form(IdentityServer server) => new()
    {
        ["grant_type"] = "client_credentials",
        ["client_id"] = server.Own.Credential.ClientId.Value,
        ["client_secret"] = server.Own.ClientSecrets[0],
        ["scope"] = "openid,AdobeID, adobeio_api",
    };

    private static ByteArrayContent Raw(string body, string contentType) => new(Encoding.UTF8.GetBytes(body))
    {
        Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) },
    };

    private static async Task AssertErrorAsync(HttpResponseMessage response, int status, string error)
    {
        Assert.Equal(status, (int)response.StatusCode);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(error, body.GetProperty("error").GetString());
        Assert.NotEmpty(body.GetProperty("error_description").GetString()!);
    }
}
