using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Identity.Provisioning;
using Signalbox.Identity.Tokens;

namespace Signalbox.Server.Tests.Conformance;

/// <summary>The whole server in this process, on a loopback port of its own, with two organizations.</summary>
public sealed class WholeServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signalbox-test-").FullName;
    private DataDirectory? _data;
    private WebApplication? _app;

    public HttpClient Http { get; } = new();

    internal ProvisionedWorkspace Home { get; private set; } = null!;

    internal ProvisionedWorkspace Stranger { get; private set; } = null!;

    internal string Token { get; private set; } = "";

    internal string StrangersToken { get; private set; } = "";

    public string WorkspacePath => $"/events/{Home.Workspace.OrganizationId}/{Home.Workspace.ProjectId}/{Home.Workspace.WorkspaceId}";

    public async ValueTask InitializeAsync()
    {
        var settings = new ServerSettings { DataDirectory = _folder, Urls = "http://127.0.0.1:0" };
        _data = DataDirectory.Open(_folder);
        _app = SignalboxApplication.Build(
            settings,
            _data,
            [
                "--Logging:LogLevel:Default", "None", "--Sandbox:Isolation", "None", "--Sandbox:PrestartedProcesses", "0",
                "--Events:AllowPrivateTargets", "true", "--Events:RegistrationsPerClientMax", "10000", "--Events:RegistrationsPerOrganizationMax", "10000", "--Events:ProvidersPerOrganizationMax", "10000",
            ],
            services => services.AddSingleton<MatcherPolicy, BuggyRouting>());
        await SignalboxApplication.StartAsync(_app, settings, CancellationToken.None);
        Http.BaseAddress = _app.Services.GetRequiredService<ServerAddress>().Self;
        var provisioning = _app.Services.GetRequiredService<IdentityProvisioning>();
        Home = await provisioning.EnsureFirstWorkspaceAsync(null, CancellationToken.None);
        Stranger = await provisioning.CreateAsync(new NewWorkspace { OrganizationName = "Stranger" }, CancellationToken.None);
        Token = await SignInAsync(Home);
        StrangersToken = await SignInAsync(Stranger);
    }

    /// <summary>A call as the workspace's own credential that has to succeed; what it answered.</summary>
    public async Task<JsonNode> CreateAsync(string path, string body)
    {
        using var request = NewRequest(HttpMethod.Post, path);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, $"POST {path} answered {(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>A request as the workspace's own credential.</summary>
    public HttpRequestMessage NewRequest(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        request.Headers.Add("x-api-key", Home.Credential.ClientId.Value);
        return request;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _data?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<string> SignInAsync(ProvisionedWorkspace workspace) =>
        (await _app!.Services.GetRequiredService<TokenIssuer>().IssueAsync(workspace.Credential, TimeSpan.FromDays(1), CancellationToken.None)).AccessToken;
}
