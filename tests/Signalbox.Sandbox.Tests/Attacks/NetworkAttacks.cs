namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>Actions with internet access that try to reach what is not the internet, in a world of the test's own.</summary>
public sealed class NetworkAttacks
{
    [Fact]
    public async Task Only_the_internet_and_the_servers_own_api_are_reached()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Making network namespaces needs root.");
        await using var world = await NetworkWorld.CreateAsync();
        var (passed, output) = await world.RunTestsAsync(typeof(NetworkAttacksInside));
        Assert.True(passed, output);
    }

    [Fact]
    public async Task Nor_is_more_reached_when_the_server_is_an_ordinary_user()
    {
        await using var user = await OrdinaryUser.CreateAsync();
        await using var world = await NetworkWorld.CreateAsync();
        var (passed, output) = await world.RunTestsAsync(typeof(NetworkAttacksInside), user);
        Assert.True(passed, output);
    }
}
