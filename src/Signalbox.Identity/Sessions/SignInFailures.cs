using System.Net;
using System.Net.Sockets;
using Signalbox.Identity.Users;

namespace Signalbox.Identity.Sessions;

/// <summary>
/// Slows guessing down: after some failures of one account or from one address, both are refused for a while.
/// Memory is bounded: when too many are remembered, those whose wait is over, then the oldest, are forgotten.
/// </summary>
public sealed class SignInFailures
{
    private const int EntriesMax = 10_000;
    private const int NetworkBytes = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly ConsoleOptions _options;
    private readonly TimeProvider _clock;

    public SignInFailures(ConsoleOptions options, TimeProvider clock)
    {
        options.Validate();
        (_options, _clock) = (options, clock);
    }

    /// <summary>How long this account or address has still to wait; zero when it may try.</summary>
    public TimeSpan WaitOf(string signIn, string address)
    {
        var now = _clock.GetUtcNow();
        lock (_gate)
        {
            var wait = TimeSpan.Zero;
            foreach (var key in Keys(signIn, address))
            {
                if (_entries.TryGetValue(key, out var entry) && entry.Failures >= Max(key) && entry.Until - now is var left && left > wait)
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
                var failures = _entries.TryGetValue(key, out var entry) && entry.Until > now ? entry.Failures : 0;
                MakeRoom(now);
                _entries[key] = new Entry(failures + 1, now + _options.LockOut);
            }
        }
    }

    /// <summary>After the account signed in: its failures are forgotten; of the address, only the one that was counted for this.</summary>
    public void Forget(string signIn, string address)
    {
        lock (_gate)
        {
            _entries.Remove(AccountKey(signIn));
            if (_entries.TryGetValue(AddressKey(address), out var entry))
            {
                _entries[AddressKey(address)] = entry with { Failures = entry.Failures - 1 };
            }
        }
    }

    private static string[] Keys(string signIn, string address) => [AccountKey(signIn), AddressKey(address)];

    private static string AccountKey(string signIn) => "account " + UserDirectory.Hash(UserDirectory.Normalize(signIn));

    // Whoever has an IPv6 address has all of its network.
    private static string AddressKey(string address) =>
        IPAddress.TryParse(address, out var ip) && ip is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
            ? $"address {Convert.ToHexString(ip.GetAddressBytes().AsSpan(0, NetworkBytes))}"
            : "address " + address;

    /// <summary>Accounts and addresses whose failures are in memory.</summary>
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

    // Many people may share an address.
    private int Max(string key) => key.StartsWith("address", StringComparison.Ordinal) ? _options.SignInFailuresMax * 4 : _options.SignInFailuresMax;

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

    private sealed record Entry(int Failures, DateTimeOffset Until);
}
