namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>One pool that all attacks of a class go against, and an innocent action that must not notice them.</summary>
public sealed class AttackedPool : IAsyncDisposable
{
    private readonly SandboxedAction _innocent = TestPool.Action("let runs = 0; function main({ n }) { runs++; return { n } }");

    internal TestPool Pool { get; } = new(options => options with { PrestartedProcesses = 1, TemporaryMb = 8, OpenFilesMax = 256, PidsMax = 64 });

    /// <summary>Runs the attack, and then others: the innocent one in its process, and a new one in a new process.</summary>
    internal async Task<SandboxOutcome> AttackAsync(SandboxedAction attack, string arguments = "{}")
    {
        var outcome = await Pool.RunAsync(attack, arguments);
        await AssertHealthyAsync();
        return outcome;
    }

    internal Task<SandboxOutcome> AttackAsync(string code, string arguments = "{}") =>
        AttackAsync(TestPool.Action(code) with { Timeout = TimeSpan.FromSeconds(30) }, arguments);

    public ValueTask DisposeAsync() => Pool.DisposeAsync();

    private async Task AssertHealthyAsync()
    {
        Assert.Equal("""{"n":1}""", (await Pool.RunAsync(_innocent, """{"n":1}""")).Answer());
        Assert.Equal("""{"n":2}""", (await Pool.RunAsync("function main({ n }) { return { n } }", """{"n":2}""")).Answer());
    }
}
