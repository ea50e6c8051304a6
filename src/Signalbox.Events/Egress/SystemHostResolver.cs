using System.Collections.Concurrent;
using System.Net;
using Signalbox.Events.Delivery;

namespace Signalbox.Events.Egress;

/// <summary>
/// Asks the operating system, which keeps a thread waiting until a name server answers: one of its own for each name, because
/// everything else stands still when those of the pool are gone.
/// </summary>
/// <param name="lookUp">Asks and waits.</param>
/// <param name="clock">Measures how long a place is waited for.</param>
internal sealed class SystemHostResolver(Func<string, IPAddress[]> lookUp, TimeProvider clock) : IHostResolver
{
    /// <summary>Names that are asked for at once to deliver, and threads.</summary>
    internal const int DeliveriesMax = 512;

    /// <summary>The same for registrations.</summary>
    internal const int RegistrationsMax = 32;

    private readonly ConcurrentDictionary<string, Task<IPAddress[]>> _underWay = new(StringComparer.OrdinalIgnoreCase);

    // Half of an attempt: the rest is the endpoint's.
    private readonly Places _deliveries = new(DeliveriesMax, DeliveryTimeouts.Webhook / 2);
    private readonly Places _registrations = new(RegistrationsMax, TimeSpan.FromSeconds(1));

    public SystemHostResolver(TimeProvider clock)
        : this(Dns.GetHostAddresses, clock)
    {
    }

    /// <inheritdoc />
    /// <remarks>Whoever asks for the same name meanwhile waits for the same answer, and needs no place.</remarks>
    public async Task<IPAddress[]> ResolveAsync(string host, LookupPurpose purpose, CancellationToken cancellationToken)
    {
        if (!_underWay.TryGetValue(host, out var shared))
        {
            var places = purpose == LookupPurpose.Delivery ? _deliveries : _registrations;
            await TakeAsync(places, cancellationToken);
            shared = Begin(host, places);
        }

        return await shared.WaitAsync(cancellationToken);
    }

    private async ValueTask TakeAsync(Places places, CancellationToken cancellationToken)
    {
        if (places.Free.Wait(0, CancellationToken.None))
        {
            return;
        }

        using var patience = new CancellationTokenSource(places.Patience, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await places.Free.WaitAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NoLookupPlaceException(places.Max, places.Patience);
        }
    }

    private Task<IPAddress[]> Begin(string host, Places places)
    {
        var own = new Task<IPAddress[]>(() => LookUp(host, places), TaskCreationOptions.LongRunning);
        var shared = _underWay.GetOrAdd(host, own);
        if (ReferenceEquals(shared, own))
        {
            own.Start(TaskScheduler.Default);
        }
        else
        {
            places.Free.Release();
        }

        return shared;
    }

    private IPAddress[] LookUp(string host, Places places)
    {
        try
        {
            return lookUp(host);
        }
        finally
        {
            _underWay.TryRemove(host, out _);
            places.Free.Release();
        }
    }

    /// <summary>A place is held until its name server answers or the system gives up, whoever still waits for it.</summary>
    private sealed class Places(int max, TimeSpan patience)
    {
        public int Max => max;

        /// <summary>How long somebody waits for a place.</summary>
        public TimeSpan Patience => patience;

        public SemaphoreSlim Free { get; } = new(max);
    }
}
