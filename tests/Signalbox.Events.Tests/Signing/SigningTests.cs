using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Signalbox.Events.Signing;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Signing;

public sealed class SigningTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_delivery_verifies_with_both_keys_as_they_are_served(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        await using var server = await ServeAsync(way.Keys);
        using var http = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };

        await way.PublishAsync(1, way.Register(1, hook.Url));
        var request = await hook.NextAsync();

        foreach (var number in (int[])[1, 2])
        {
            var response = await http.GetAsync(request.Headers[$"x-adobe-public-key{number}-path"]);
            Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
            Assert.Null(response.Headers.CacheControl);
            using var rsa = RSA.Create();
            rsa.ImportFromPem(await response.Content.ReadAsStringAsync());
            var signature = Convert.FromBase64String(request.Headers[$"x-adobe-digital-signature-{number}"]);
            Assert.True(rsa.VerifyData(request.Body, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }

        using var head = new HttpRequestMessage(HttpMethod.Head, request.Headers["x-adobe-public-key1-path"]);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await http.SendAsync(head)).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await http.GetAsync($"/prod/keys/pub-key-{Guid.NewGuid():D}.pem")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await http.GetAsync("/prod/keys/pub-key-1.pem")).StatusCode);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Nodes_that_start_together_agree_on_two_keys_that_the_database_does_not_show(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        var nodes = Enumerable.Range(1, 3).Select(_ => new SigningKeys(test.Database, test.Secrets, new EventsOptions(), test.Clock)).ToArray();

        var pairs = await Task.WhenAll(nodes.Select(node => node.GetAsync(CancellationToken.None).AsTask()));

        Assert.All(pairs, pair => Assert.Equal(pairs[0].All.Select(key => key.Id), pair.All.Select(key => key.Id)));
        Assert.Equal([1, 2], pairs[0].All.Select(key => key.Slot));
        Assert.Equal(0, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM signing_keys WHERE private_key LIKE '%PRIVATE%'")));
    }

    private static async Task<WebApplication> ServeAsync(SigningKeys keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(keys);
        var app = builder.Build();
        app.MapSigningKeys();
        await app.StartAsync();
        return app;
    }
}
