namespace Signalbox.Bench;

/// <summary>Events published, signed twice, delivered to a webhook and answered, against what the cores can sign.</summary>
internal sealed class DeliverWebhook : IBenchmark
{
    private const string EventCode = "bench.webhook";

    public string Name => "deliver-webhook";

    public string Description => "events delivered to a webhook / half the openssl speed rsa2048 signing rate, same cores";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await using var webhook = await Webhook.StartAsync(cancellationToken);
        var provider = await server.CreateWebhookRegistrationAsync(EventCode, webhook.Hook, "webhook", cancellationToken);
        return await Deliveries.CompareToSigningAsync(Name, server, provider, EventCode, cancellationToken);
    }
}
