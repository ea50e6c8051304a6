using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Signalbox.Runtime.Tests;

/// <summary>A web server with the service's two public keys, which counts what it is asked for.</summary>
internal sealed class KeyHost : IAsyncDisposable
{
    public const string Path1 = "/prod/keys/pub-key-aaaa-1111.pem";
    public const string Path2 = "/prod/keys/pub-key-bbbb-2222.pem";

    private readonly WebApplication _application;

    private KeyHost(WebApplication application)
    {
        _application = application;
        Pems = new ConcurrentDictionary<string, string>(
            [new(Path1, Key1.ExportSubjectPublicKeyInfoPem()), new(Path2, Key2.ExportSubjectPublicKeyInfoPem())]);
        application.MapGet("/{**path}", (HttpContext context) =>
        {
            var path = context.Request.Path.Value!;
            Asked.Enqueue(path);
            return Pems.TryGetValue(path, out var pem) ? Results.Text(pem) : Results.NotFound();
        });
    }

    public RSA Key1 { get; } = RSA.Create(2048);

    public RSA Key2 { get; } = RSA.Create(2048);

    public ConcurrentDictionary<string, string> Pems { get; }

    public ConcurrentQueue<string> Asked { get; } = new();

    public Uri Uri => new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<KeyHost> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var host = new KeyHost(builder.Build());
        await host._application.StartAsync();
        return host;
    }

    public static string Sign(RSA key, byte[] body) =>
        Convert.ToBase64String(key.SignData(body, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        Key1.Dispose();
        Key2.Dispose();
    }
}
