using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Signalbox.Identity;
using Signalbox.Runtime.Invocations;
using Signalbox.Runtime.Namespaces;
using Signalbox.Testing;

namespace Signalbox.Runtime.Tests;

/// <summary>The room on a real web server and a real database; only the sandboxes and the namespaces stand in.</summary>
internal sealed class RuntimeServer : IAsyncDisposable
{
    private readonly TestDatabase _test;
    private readonly WebApplication _application;

    private RuntimeServer(TestDatabase test, WebApplication application, FakeSandbox sandbox)
    {
        _test = test;
        _application = application;
        Sandbox = sandbox;
        Uri = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Guest = Client(FakeNamespaces.Guest);
        Other = Client(FakeNamespaces.Other);
        Nobody = new HttpClient { BaseAddress = Uri };
    }

    public Uri Uri { get; }

    public FakeSandbox Sandbox { get; }

    public FakeTimeProvider Clock => _test.Clock;

    public IServiceProvider Services => _application.Services;

    /// <summary>Signed in as the namespace <c>guest</c>.</summary>
    public HttpClient Guest { get; }

    /// <summary>Signed in as the namespace <c>other</c>.</summary>
    public HttpClient Other { get; }

    public HttpClient Nobody { get; }

    public static async Task<RuntimeServer> StartAsync(
        TestEngine engine = TestEngine.Sqlite, Func<RuntimeOptions, RuntimeOptions>? configure = null)
    {
        var test = new TestDatabase(engine, RuntimeRoom.Migrations);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var options = new RuntimeOptions
        {
            ApiHost = () => new Uri("http://api.example"),
            PublicKeyHost = () => new Uri("http://127.0.0.1:9"),
        };
        builder.Services.AddSingleton<TimeProvider>(test.Clock);
        builder.Services.AddSingleton(test.Database);
        builder.Services.AddSingleton(test.Secrets);
        builder.Services.AddRuntime(configure?.Invoke(options) ?? options);
        var sandbox = new FakeSandbox(test.Clock);
        builder.Services.AddSingleton<IActionSandbox>(sandbox);
        builder.Services.AddSingleton<INamespaceDirectory, FakeNamespaces>();
        var application = builder.Build();
        application.MapRuntime();
        await application.StartAsync();
        return new RuntimeServer(test, application, sandbox);
    }

    public async ValueTask DisposeAsync()
    {
        Sandbox.Gate.TrySetResult();
        Guest.Dispose();
        Other.Dispose();
        Nobody.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
        await _test.DisposeAsync();
    }

    private HttpClient Client(NamespaceIdentity identity) => new()
    {
        BaseAddress = Uri,
        DefaultRequestHeaders =
        {
            Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{identity.Uuid}:{identity.Key}"))),
        },
    };
}

/// <summary>Short forms of what tests ask of the API.</summary>
internal static class RuntimeClient
{
    public static Task<HttpResponseMessage> PutJsonAsync(this HttpClient client, string path, string json) =>
        client.PutAsync(new Uri("/api/v1/namespaces/_/" + path, UriKind.Relative), Body(json));

    public static Task<HttpResponseMessage> PostJsonAsync(this HttpClient client, string path, string json = "{}") =>
        client.PostAsync(new Uri("/api/v1/namespaces/_/" + path, UriKind.Relative), Body(json));

    public static Task<HttpResponseMessage> GetPathAsync(this HttpClient client, string path) =>
        client.GetAsync(new Uri("/api/v1/namespaces/_/" + path, UriKind.Relative));

    public static Task<HttpResponseMessage> DeletePathAsync(this HttpClient client, string path) =>
        client.DeleteAsync(new Uri("/api/v1/namespaces/_/" + path, UriKind.Relative));

    /// <summary>Creates an action that the fake sandbox runs, and fails when that fails.</summary>
    public static async Task<JsonElement> CreateActionAsync(
        this HttpClient client, string name, string code, string parameters = "[]", string annotations = "[]")
    {
        var exec = JsonSerializer.Serialize(new { kind = "nodejs:default", code });
        var response = await client.PutJsonAsync(
            $"actions/{name}?overwrite=true", $$"""{"exec":{{exec}},"parameters":{{parameters}},"annotations":{{annotations}}}""");
        return await response.ReadAsync(200);
    }

    /// <summary>The body, after a check of the status.</summary>
    public static async Task<JsonElement> ReadAsync(this HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"expected {status}, was {(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Checks an error's status and text, and that its code is the request's id.</summary>
    public static async Task AssertErrorAsync(this HttpResponseMessage response, int status, string error)
    {
        var body = await response.ReadAsync(status);
        Assert.Equal(error, body.GetProperty("error").GetString());
        Assert.Equal(response.Headers.GetValues("X-Request-ID").Single(), body.GetProperty("code").GetString());
    }

    private static StringContent Body(string json) => new(json, Encoding.UTF8, "application/json");
}
