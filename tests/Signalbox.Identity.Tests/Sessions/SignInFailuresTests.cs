using Microsoft.Extensions.Time.Testing;
using Signalbox.Identity.Sessions;
using Signalbox.Identity.Users;

namespace Signalbox.Identity.Tests.Sessions;

public sealed class SignInFailuresTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ConsoleOptions _options = new() { SignInFailuresMax = 3, LockOut = TimeSpan.FromMinutes(5) };

    [Fact]
    public void An_account_waits_after_too_many_failures_at_the_address_that_they_come_from()
    {
        var failures = new SignInFailures(_options, _clock);
        failures.Count("Mia", "192.0.2.1");
        failures.Count(" mia", "192.0.2.1");
        Assert.Equal(TimeSpan.Zero, failures.WaitOf("mia", "192.0.2.1"));
        failures.Count("mia", "192.0.2.1");
        Assert.Equal(TimeSpan.FromMinutes(5), failures.WaitOf("MIA", "192.0.2.1"));
        Assert.Equal(TimeSpan.Zero, failures.WaitOf("leo", "192.0.2.1"));
        Assert.Equal(TimeSpan.Zero, failures.WaitOf("mia", "192.0.2.9"));

        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.Zero, failures.WaitOf("mia", "192.0.2.1"));
        failures.Count("mia", "192.0.2.1");
        Assert.Equal(TimeSpan.Zero, failures.WaitOf("mia", "192.0.2.1"));
    }

    [Fact]
    public void An_account_waits_everywhere_after_very_many_failures_within_the_time()
    {
        var failures = new SignInFailures(_options with { AccountFailuresMax = 10 }, _clock);
        for (var i = 0; i < 9; i++)
        {
            failures.Count("mia", $"192.0.2.{i}");
        }

        Assert.Equal(TimeSpan.Zero, failures.WaitOf("mia", "192.0.2.99"));
        _clock.Advance(TimeSpan.FromMinutes(4));
        failures.Count("mia", "192.0.2.10");
        Assert.Equal(TimeSpan.FromMinutes(5), failures.WaitOf("mia", "192.0.2.99"));
        Assert.Equal(TimeSpan.Zero, failures.WaitOf("leo", "192.0.2.99"));

        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.Zero, failures.WaitOf("mia", "192.0.2.99"));
    }

    [Fact]
    public void Few_failures_an_hour_do_not_add_up_for_an_account_everywhere()
    {
        var failures = new SignInFailures(_options with { AccountFailuresMax = 10 }, _clock);
        for (var i = 0; i < 30; i++)
        {
            failures.Count("mia", $"192.0.2.{i}");
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(TimeSpan.Zero, failures.WaitOf("mia", "192.0.2.99"));
    }

    [Fact]
    public void Signing_in_does_not_clear_what_others_failed_at_the_account()
    {
        var failures = new SignInFailures(_options with { AccountFailuresMax = 3 }, _clock);
        failures.Count("mia", "192.0.2.1");
        failures.Count("mia", "192.0.2.2");
        failures.Count("mia", "192.0.2.99");
        failures.Forget("mia", "192.0.2.99");
        Assert.Equal(TimeSpan.Zero, failures.WaitOf("mia", "192.0.2.99"));

        failures.Count("mia", "192.0.2.3");
        Assert.True(failures.WaitOf("mia", "192.0.2.99") > TimeSpan.Zero);
    }

    [Fact]
    public void An_address_that_tries_many_accounts_waits()
    {
        var failures = new SignInFailures(_options, _clock);
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(TimeSpan.Zero, failures.WaitOf($"user{i}", "192.0.2.1"));
            failures.Count($"user{i}", "192.0.2.1");
        }

        Assert.True(failures.WaitOf("another", "192.0.2.1") > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, failures.WaitOf("another", "192.0.2.2"));
    }

    [Fact]
    public void The_addresses_of_an_ipv6_network_count_as_one()
    {
        var failures = new SignInFailures(_options, _clock);
        for (var i = 0; i < 12; i++)
        {
            failures.Count($"user{i}", $"2001:db8:1:2::{i:x}");
        }

        Assert.True(failures.WaitOf("another", "2001:db8:1:2:ffff::1") > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, failures.WaitOf("another", "2001:db8:1:3::1"));
    }

    [Fact]
    public void Signing_in_clears_the_account_and_counts_nothing_against_the_address()
    {
        var failures = new SignInFailures(_options, _clock);
        for (var i = 0; i < 100; i++)
        {
            failures.Count("mia", "192.0.2.1");
            failures.Forget("mia", "192.0.2.1");
        }

        Assert.Equal(TimeSpan.Zero, failures.WaitOf("mia", "192.0.2.1"));
    }

    [Fact]
    public void Guessing_at_very_many_names_is_remembered_within_bounds()
    {
        var failures = new SignInFailures(_options, _clock);
        for (var i = 0; i < 30_000; i++)
        {
            failures.Count($"user{i}", "192.0.2.1");
        }

        Assert.InRange(failures.Remembered, 1, 10_000);
        Assert.True(failures.WaitOf("another", "192.0.2.1") > TimeSpan.Zero);
    }
}
