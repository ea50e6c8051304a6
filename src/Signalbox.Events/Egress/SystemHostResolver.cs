using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Signalbox.Events.Egress;

/// <summary>
/// Asks the operating system, which keeps a thread waiting until a name server answers: one of its own for each name, because
/// everything else stands still when those of the pool are gone.
/// </summary>
/// <param name="lookUp">Asks and waits.</param>
internal sealed class SystemHostResolver(Func<string, IPAddress[]> lookUp) : IHostResolver
{
    /// <summary>Names that are asked for at once, and threads; one more is told to come again.</summary>
    internal const int LookupsMax = 512;

    private readonly ConcurrentDictionary<string, Task<IPAddress[]>> _underWay = new(StringComparer.OrdinalIgnoreCase);

    public SystemHostResolver()
        : this(Dns.GetHostAddresses)
    {
    }

    /// <inheritdoc />
    /// <remarks>Whoever asks for the same name meanwhile waits for the same answer.</remarks>
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (!_underWay.TryGetValue(host, out var shared))
        {
            if (_underWay.Count >= LookupsMax)
            {
                throw new SocketException((int)SocketError.TryAgain);
            }

            var own = new Task<IPAddress[]>(() => LookUp(host), TaskCreationOptions.LongRunning);
            shared = _underWay.GetOrAdd(host, own);
            if (ReferenceEquals(shared, own))
            {
                own.Start(TaskScheduler.Default);
            }
        }

        return shared.WaitAsync(cancellationToken);
    }

    private IPAddress[] LookUp(string host)
    {
        try
        {
            return lookUp(host);
        }
        finally
        {
            _underWay.TryRemove(host, out _);
        }
    }
}
