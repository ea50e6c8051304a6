using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Signalbox.Events.Tests.Delivery;

/// <summary>A provider with one event type, and a webhook that is registered for it and answers its challenge.</summary>
internal sealed record PushedRegistration(EventsServer Server, WebhookListener Hook, string Provider, string Path)
{
    private const string EventCode = "a";

    /// <summary>What the webhook answers to events.</summary>
    public int Status { get; set; } = 200;

    public static async Task<PushedRegistration> CreateAsync(EventsServer server, WebhookListener hook)
    {
        PushedRegistration? registration = null;
        hook.Answer = async context =>
        {
            if (context.Request.Query["challenge"] is [{ } challenge])
            {
                await context.Response.WriteAsync(challenge);
                return;
            }

            context.Response.StatusCode = registration!.Status;
        };
        var provider = await server.CreateProviderAsync(EventCode);
        var created = await server.RegisterAsync("Mine", provider, EventCode, $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{hook.Url}\"");
        Assert.Equal("verified", created.GetProperty("webhook_status").GetString());
        await hook.NextAsync();
        registration = new(server, hook, provider, $"{server.Workspace}/registrations/{created.GetProperty("registration_id").GetString()}");
        return registration;
    }

    /// <summary>Publishes, and waits until the webhook got it and nothing is owed any more.</summary>
    public async Task<ReceivedRequest> PublishAsync(string id)
    {
        Assert.Equal(HttpStatusCode.OK, await Server.PublishAsync(Provider, EventCode, $$"""{"n":"{{id}}"}""", id));
        var request = await Hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await Server.CountAsync("deliveries") == 0);
        return request;
    }

    public async Task<JsonElement> GetAsync(string more)
    {
        var answer = await Server.SendAsync(HttpMethod.Get, Path + more);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Body;
    }

    public async Task<IReadOnlyList<JsonElement>> DeadLettersAsync(string query = "") =>
        [.. (await GetAsync("/dead-letters" + query)).GetProperty("_embedded").GetProperty("dead_letters").EnumerateArray()];
}
