using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Signalbox.Identity.Provisioning;
using Signalbox.Identity.Tokens;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Identity.Tests;

/// <summary>The identity room behind a real Kestrel on a free loopback port, with two organizations.</summary>
internal sealed class IdentityServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private IdentityServer(WebApplication app, TestDatabase test)
    {
        _app = app;
        Test = test;
        Url = new Uri(app.Urls.First());
        Client = new HttpClient { BaseAddress = Url };
    }

    public TestDatabase Test { get; }

    public Uri Url { get; }

    public HttpClient Client { get; }

    public required ProvisionedWorkspace Own { get; init; }

    public required ProvisionedWorkspace Foreign { get; init; }

    public TokenIssuer Issuer => _app.Services.GetRequiredService<TokenIssuer>();

    public IdentityProvisioning Provisioning => _app.Services.GetRequiredService<IdentityProvisioning>();

    public static async Task<IdentityServer> StartAsync(IdentityOptions? options = null)
    {
        var test = new TestDatabase(TestEngine.Sqlite, IdentityRoom.Migrations);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(test.Clock);
        builder.Services.AddSingleton(test.Database);
        builder.Services.AddSingleton(test.Secrets);
        builder.Services.AddSingleton(options ?? new IdentityOptions());
        builder.Services.AddIdentity();
        var app = builder.Build();
        app.MapIdentity();
        app.MapGet("/events/{organizationId}/providers", (HttpContext context) => context.GetCaller().ToString()).RequireApiCaller();
        app.MapGet("/managed", () => "managed").RequireManagementCaller();
        app.MapPost("/events/bodies", (Dictionary<string, int> body) => body.Count).RequireApiCaller();
        await app.StartAsync();
        var provisioning = app.Services.GetRequiredService<IdentityProvisioning>();
        return new IdentityServer(app, test)
        {
            Own = await provisioning.EnsureFirstWorkspaceAsync(null, CancellationToken.None),
            Foreign = await provisioning.CreateAsync(new NewWorkspace { OrganizationName = "Other" }, CancellationToken.None),
        };
    }

    public async Task<string> TokenAsync(params string[] scopes) =>
        (await Issuer.IssueAsync(Own.Credential, scopes.Length > 0 ? scopes : Scopes.All, null, CancellationToken.None)).AccessToken;

    /// <summary>Calls a protected endpoint of an organization.</summary>
    public Task<HttpResponseMessage> CallAsync(string? token, string? apiKey, OrganizationId organization, string? imsOrg = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/events/{organization}/providers");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        if (apiKey is not null)
        {
            request.Headers.Add("x-api-key", apiKey);
        }

        if (imsOrg is not null)
        {
            request.Headers.Add("x-ims-org-id", imsOrg);
        }

        return Client.SendAsync(request);
    }

    /// <summary>A good call of a management API.</summary>
    public Task<HttpResponseMessage> ManageAsync(string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/managed");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Add("x-api-key", Own.Credential.ClientId.Value);
        return Client.SendAsync(request);
    }

    /// <summary>A good call, but for the token.</summary>
    public Task<HttpResponseMessage> CallAsync(string? token) =>
        CallAsync(token, Own.Credential.ClientId.Value, Own.Workspace.OrganizationId);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Test.DisposeAsync();
    }
}
