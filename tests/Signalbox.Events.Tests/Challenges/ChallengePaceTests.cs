using Microsoft.Extensions.Time.Testing;
using Signalbox.Events.Challenges;
using Signalbox.Identity;

namespace Signalbox.Events.Tests.Challenges;

public sealed class ChallengePaceTests
{
    private static readonly Uri _url = new("https://example.com/hook");

    [Fact]
    public void An_organization_is_not_held_up_by_another_also_when_there_are_more_targets_than_are_counted()
    {
        var clock = new FakeTimeProvider();
        var pace = new ChallengePace(new EventsOptions { ChallengesPerTargetMax = 2 }, clock);
        var (flooder, other) = (new OrganizationId("flooder"), new OrganizationId("other"));

        var sent = Enumerable.Range(0, 12_000).Count(i => pace.SecondsToWait(flooder, new Uri($"https://{i}.example.com/hook")) == 0);

        Assert.Equal(10_002, sent);
        Assert.Equal([0, 0, 10], Enumerable.Range(0, 3).Select(_ => pace.SecondsToWait(other, _url)));
        clock.Advance(ChallengePace.Window - TimeSpan.FromSeconds(1));
        Assert.Equal(1, pace.SecondsToWait(other, _url));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, pace.SecondsToWait(flooder, _url));
    }
}
