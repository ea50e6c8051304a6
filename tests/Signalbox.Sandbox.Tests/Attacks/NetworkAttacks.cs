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
}
