namespace Signalbox.Bench;

/// <summary>Events published, signed twice, delivered to an action and answered, against what the cores can sign.</summary>
internal sealed class DeliverAction : IBenchmark
{
    private const string EventCode = "bench.deliver";

    public string Name => "deliver-action";

    public string Description => "events delivered to an action / half the openssl speed rsa2048 signing rate, same cores";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await server.CreateFunctionAsync("bench-deliver", "event-function.cjs", cancellationToken);
        var provider = await server.CreateRegistrationAsync(EventCode, "bench-deliver", cancellationToken);
        return await Deliveries.CompareToSigningAsync(Name, server, provider, EventCode, cancellationToken);
    }
}
