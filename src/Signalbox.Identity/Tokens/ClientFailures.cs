using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Signalbox.Identity.Tokens;

/// <summary>
/// Tells those who guess client secrets to wait: a client id with too many failures from one address has to until the window
/// ends. Only wrong secrets are told so. Bounded: at most <see cref="ClientsMax"/> are counted; beyond it the windows that
/// have ended are forgotten first, then all.
/// </summary>
internal sealed class ClientFailures(IdentityOptions options, TimeProvider clock)
{
    internal const int ClientsMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guesser, Window> _windows = [];

    /// <summary>How long a wrong secret of the client id is told to wait at this address; zero when it is told that it is wrong.</summary>
    public TimeSpan Wait(string clientId, IPAddress? address)
    {
        var guesser = Guesser.Of(clientId, address);
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            return _windows.TryGetValue(guesser, out var window) && window.Failures >= options.FailuresMax && window.EndsAt > now
                ? window.EndsAt - now
                : TimeSpan.Zero;
        }
    }

    public void Count(string clientId, IPAddress? address)
    {
        var guesser = Guesser.Of(clientId, address);
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            if (_windows.TryGetValue(guesser, out var window) && window.EndsAt > now)
            {
                _windows[guesser] = window with { Failures = window.Failures + 1 };
                return;
            }

            MakeRoom(now);
            _windows[guesser] = new Window(now + options.FailureWindow, 1);
        }
    }

    private void MakeRoom(DateTimeOffset now)
    {
        if (_windows.Count < ClientsMax)
        {
            return;
        }

        foreach (var (guesser, window) in _windows)
        {
            if (window.EndsAt <= now)
            {
                _windows.Remove(guesser);
            }
        }

        if (_windows.Count >= ClientsMax)
        {
            _windows.Clear();
        }
    }

    /// <summary>Who guesses. Whoever has one address of IPv6 has its network of 64 bits.</summary>
    private readonly record struct Guesser(string ClientId, UInt128 Network)
    {
        public static Guesser Of(string clientId, IPAddress? address)
        {
            var bytes = (address ?? IPAddress.None).MapToIPv6().GetAddressBytes();
            var whole = BinaryPrimitives.ReadUInt128BigEndian(bytes);
            return new(clientId, address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? whole >> 64 << 64 : whole);
        }
    }

    private readonly record struct Window(DateTimeOffset EndsAt, int Failures);
}
