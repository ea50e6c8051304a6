using System.Net;
using Microsoft.Extensions.Time.Testing;
using Signalbox.Events.Egress;

namespace Signalbox.Events.Tests.Egress;

/// <summary>Name servers that do not answer.</summary>
public sealed class SystemHostResolverTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Names_that_nobody_answers_hold_up_nothing_else()
    {
        using var answer = new ManualResetEventSlim();
        var resolver = Resolver(answer);
        var waiting = Enumerable.Range(0, 200).Select(n => resolver.ResolveAsync($"slow{n}.example", LookupPurpose.Delivery, default)).ToList();

        Assert.Equal([IPAddress.Loopback], await resolver.ResolveAsync("quick.example", LookupPurpose.Delivery, default).WaitAsync(TimeSpan.FromSeconds(20)));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => { }))).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.DoesNotContain(waiting, lookup => lookup.IsCompleted);
        answer.Set();
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task A_name_is_asked_for_once_at_a_time_and_given_up_alone()
    {
        using var answer = new ManualResetEventSlim();
        var asked = 0;
        var resolver = new SystemHostResolver(host =>
        {
            Interlocked.Increment(ref asked);
            return Answer(host, answer);
        }, _clock);
        using var giveUp = new CancellationTokenSource();
        var given = resolver.ResolveAsync("slow.example", LookupPurpose.Delivery, giveUp.Token);
        var waiting = resolver.ResolveAsync("SLOW.example", LookupPurpose.Delivery, default);

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        answer.Set();
        Assert.Equal([IPAddress.Loopback], await waiting);
        Assert.Equal(1, asked);

        await resolver.ResolveAsync("slow.example", LookupPurpose.Delivery, default);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_delivery_waits_for_a_place()
    {
        using var answer = new ManualResetEventSlim();
        var resolver = Resolver(answer);
        var waiting = Fill(resolver, LookupPurpose.Delivery, SystemHostResolver.DeliveriesMax);

        var next = resolver.ResolveAsync("one-more.example", LookupPurpose.Delivery, default);
        using var giveUp = new CancellationTokenSource();
        var given = resolver.ResolveAsync("given-up.example", LookupPurpose.Delivery, giveUp.Token);
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.False(next.IsCompleted);
        answer.Set();
        Assert.Equal([IPAddress.Loopback], await next.WaitAsync(TimeSpan.FromSeconds(20)));
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task Who_waits_for_a_place_in_vain_is_told_that_it_is_the_servers_fault()
    {
        using var answer = new ManualResetEventSlim();
        var resolver = Resolver(answer);
        var waiting = Fill(resolver, LookupPurpose.Delivery, SystemHostResolver.DeliveriesMax);

        var next = resolver.ResolveAsync("one-more.example", LookupPurpose.Delivery, default);
        _clock.Advance(TimeSpan.FromSeconds(5));

        var refused = await Assert.ThrowsAsync<NoLookupPlaceException>(() => next.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.StartsWith("This server was looking up 512 names", refused.Message, StringComparison.Ordinal);
        answer.Set();
        await Task.WhenAll(waiting);
        Assert.Equal([IPAddress.Loopback], await resolver.ResolveAsync("one-more.example", LookupPurpose.Delivery, default));
    }

    [Fact]
    public async Task Names_of_registrations_take_no_places_of_deliveries_even_when_nobody_waits_for_them_any_more()
    {
        using var answer = new ManualResetEventSlim();
        var resolver = Resolver(answer);
        using var giveUp = new CancellationTokenSource();
        var waiting = Fill(resolver, LookupPurpose.Registration, SystemHostResolver.RegistrationsMax, giveUp.Token);
        await giveUp.CancelAsync();

        var next = resolver.ResolveAsync("one-more.example", LookupPurpose.Registration, default);
        _clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<NoLookupPlaceException>(() => next.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal([IPAddress.Loopback], await resolver.ResolveAsync("one-more.example", LookupPurpose.Delivery, default).WaitAsync(TimeSpan.FromSeconds(20)));
        answer.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
    }

    private static List<Task<IPAddress[]>> Fill(SystemHostResolver resolver, LookupPurpose purpose, int count, CancellationToken cancellationToken = default) =>
        [.. Enumerable.Range(0, count).Select(n => resolver.ResolveAsync($"slow{n}.example", purpose, cancellationToken))];

    private SystemHostResolver Resolver(ManualResetEventSlim answer) => new(host => Answer(host, answer), _clock);

    private static IPAddress[] Answer(string host, ManualResetEventSlim answer)
    {
        if (host.StartsWith("slow", StringComparison.OrdinalIgnoreCase))
        {
            answer.Wait();
        }

        return [IPAddress.Loopback];
    }
}
