namespace Signalbox.Bench;

/// <summary>Events delivered in batches, against single delivery to the same webhook by the same server.</summary>
internal sealed class DeliverBatch : IBenchmark
{
    public string Name => "deliver-batch";

    public string Description => "events delivered to a webhook in batches / one by one, same server";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await using var webhook = await Webhook.StartAsync(cancellationToken);
        var url = webhook.Hook;
        var single = await server.CreateWebhookRegistrationAsync("bench.single", url, "webhook", cancellationToken);
        var batch = await server.CreateWebhookRegistrationAsync("bench.batch", url, "webhook_batch", cancellationToken);
        var reference = await Deliveries.MeasureAsync(server, single, "bench.single", cancellationToken);
        var rate = await Deliveries.MeasureAsync(server, batch, "bench.batch", cancellationToken);
        return new BenchResult(Name, rate, reference, "events/s", Goal: 5, MoreIsBetter: true);
    }
}
