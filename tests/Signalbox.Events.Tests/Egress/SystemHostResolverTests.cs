using System.Net;
using System.Net.Sockets;
using Signalbox.Events.Egress;

namespace Signalbox.Events.Tests.Egress;

/// <summary>Name servers that do not answer.</summary>
public sealed class SystemHostResolverTests
{
    [Fact]
    public async Task Names_that_nobody_answers_hold_up_nothing_else()
    {
        using var answer = new ManualResetEventSlim();
        var resolver = new SystemHostResolver(host => Answer(host, answer));
        var waiting = Enumerable.Range(0, 200).Select(n => resolver.ResolveAsync($"slow{n}.example", default)).ToList();

        Assert.Equal([IPAddress.Loopback], await resolver.ResolveAsync("quick.example", default).WaitAsync(TimeSpan.FromSeconds(20)));
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
        });
        using var giveUp = new CancellationTokenSource();
        var given = resolver.ResolveAsync("slow.example", giveUp.Token);
        var waiting = resolver.ResolveAsync("SLOW.example", default);

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        answer.Set();
        Assert.Equal([IPAddress.Loopback], await waiting);
        Assert.Equal(1, asked);

        await resolver.ResolveAsync("slow.example", default);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Beyond_the_limit_one_is_told_to_come_again()
    {
        using var answer = new ManualResetEventSlim();
        var resolver = new SystemHostResolver(host => Answer(host, answer));
        var waiting = Enumerable.Range(0, SystemHostResolver.LookupsMax).Select(n => resolver.ResolveAsync($"slow{n}.example", default)).ToList();

        var refused = await Assert.ThrowsAsync<SocketException>(() => resolver.ResolveAsync("one-more.example", default));

        Assert.Equal(SocketError.TryAgain, refused.SocketErrorCode);
        answer.Set();
        await Task.WhenAll(waiting);
        Assert.Equal([IPAddress.Loopback], await resolver.ResolveAsync("one-more.example", default));
    }

    private static IPAddress[] Answer(string host, ManualResetEventSlim answer)
    {
        if (host.StartsWith("slow", StringComparison.OrdinalIgnoreCase))
        {
            answer.Wait();
        }

        return [IPAddress.Loopback];
    }
}
