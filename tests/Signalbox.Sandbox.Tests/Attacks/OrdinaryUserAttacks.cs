namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>The same attacks on a server that is not root: no host users of its own, no control groups.</summary>
public sealed class OrdinaryUserAttacks
{
    [Fact]
    public async Task All_attacks_fail_as_well_when_the_server_is_an_ordinary_user()
    {
        await using var user = await OrdinaryUser.CreateAsync();

        var (passed, output) = await user.RunTestsAsync(
            typeof(FileAttacks), typeof(ProcessAttacks), typeof(SystemCallAttacks), typeof(LauncherAttacks), typeof(PauseTests));

        Assert.True(passed, output);
        Assert.Matches(@"Total: [1-9]\d+, Errors: 0, Failed: 0, Skipped: 0", output);
    }
}
