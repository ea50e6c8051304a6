using System.Net;
using System.Net.Sockets;
using Signalbox.Identity.Users;

namespace Signalbox.Identity.Sessions;

/// <summary>
/// Slows guessing down: after some failures of one account from one address, that account waits there for a while; after more
/// from one address, every account does there; and after many of one account from wherever, it does everywhere. The last is
/// set high, so that who guesses at a name does not keep its owner out. Memory is bounded: when too many are remembered,
/// those whose wait is over, then the oldest, are forgotten.
/// </summary>
public sealed class SignInFailures
{
    private const int EntriesMax = 10_000;
    private const int NetworkBytes = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guesser, Entry> _entries = [];
    private readonly ConsoleOptions _options;
    private readonly TimeProvider _clock;

    public SignInFailures(ConsoleOptions options, TimeProvider clock)
    {
        options.Validate();
        (_options, _clock) = (options, clock);
    }

    /// <summary>How long the account has still to wait at this address; zero when it may try.</summary>
    public TimeSpan WaitOf(string signIn, string address)
    {
        var now = _clock.GetUtcNow();
        lock (_gate)
        {
            var wait = TimeSpan.Zero;
            foreach (var key in Keys(signIn, address))
            {
                if (_entries.TryGetValue(key, out var entry) && entry.Failures >= MaxOf(key) && entry.Until - now is var left && left > wait)
                {
                    wait = left;
                }
            }

            return wait;
        }
    }

    /// <summary>Counts a failure.</summary>
    public void Count(string signIn, string address)
    {
        var now = _clock.GetUtcNow();
        lock (_gate)
        {
            foreach (var key in Keys(signIn, address))
            {
                var entry = _entries.TryGetValue(key, out var known) && known.Until > now ? known : new Entry(0, now + _options.LockOut);
                MakeRoom(now);
                // Of an account everywhere only what comes within one window counts: else a few an hour would add up.
                var isWindow = key.Address.Length == 0 && entry.Failures + 1 != _options.AccountFailuresMax;
                _entries[key] = new Entry(entry.Failures + 1, isWindow ? entry.Until : now + _options.LockOut);
            }
        }
    }

    /// <summary>
    /// After the account signed in: its failures at this address are forgotten; of all others, only the one that was counted
    /// for this.
    /// </summary>
    public void Forget(string signIn, string address)
    {
        lock (_gate)
        {
            foreach (var key in Keys(signIn, address))
            {
                if (key is { Account.Length: > 0, Address.Length: > 0 })
                {
                    _entries.Remove(key);
                }
                else if (_entries.TryGetValue(key, out var entry))
                {
                    _entries[key] = entry with { Failures = entry.Failures - 1 };
                }
            }
        }
    }

    private static Guesser[] Keys(string signIn, string address)
    {
        var account = UserDirectory.Hash(UserDirectory.Normalize(signIn));
        var network = NetworkOf(address);
        return [new(account, network), new("", network), new(account, "")];
    }

    // Whoever has an IPv6 address has all of its network.
    private static string NetworkOf(string address) =>
        IPAddress.TryParse(address, out var ip) && ip is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
            ? $"network {Convert.ToHexString(ip.GetAddressBytes().AsSpan(0, NetworkBytes))}"
            : "address " + address;

    /// <summary>Accounts, addresses and pairs of them whose failures are in memory.</summary>
    internal int Remembered
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    private int MaxOf(Guesser key) => key switch
    {
        { Address.Length: 0 } => _options.AccountFailuresMax,
        // Many people may share an address.
        { Account.Length: 0 } => _options.SignInFailuresMax * 4,
        _ => _options.SignInFailuresMax,
    };

    private void MakeRoom(DateTimeOffset now)
    {
        if (_entries.Count < EntriesMax)
        {
            return;
        }

        foreach (var key in _entries.Where(e => e.Value.Until <= now).Select(e => e.Key).ToList())
        {
            _entries.Remove(key);
        }

        if (_entries.Count >= EntriesMax)
        {
            foreach (var key in _entries.OrderBy(e => e.Value.Until).Take(EntriesMax / 10).Select(e => e.Key).ToList())
            {
                _entries.Remove(key);
            }
        }
    }

    /// <summary>Whose failures are counted: an empty account stands for all, and so does an empty address.</summary>
    private readonly record struct Guesser(string Account, string Address);

    private sealed record Entry(int Failures, DateTimeOffset Until);
}
