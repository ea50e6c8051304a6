namespace Signalbox.Sandbox.Tests.Kinds;

/// <summary>Executables and scripts that read a line of JSON and answer with one.</summary>
public sealed class NativeKindTests : IClassFixture<SharedPool>
{
    private readonly TestPool _pool;

    public NativeKindTests(SharedPool shared)
    {
        _pool = shared.Pool;
    }

    [Fact]
    public async Task A_script_answers_on_descriptor_3_and_prints_the_rest()
    {
        var action = Native("#!/bin/bash\nn=0\nwhile read -r line; do n=$((n+1)); echo \"{\\\"log\\\":$n}\" >&2; echo plain; echo \"{\\\"n\\\":$n}\" >&3; done");
        Assert.Equal("""{"n":1}""", (await _pool.RunAsync(action)).Answer());
        var second = await _pool.RunAsync(action);
        Assert.Equal("""{"n":2}""", second.Answer());
        Assert.Contains("Stderr: {\"log\":2}", second.LogText(), StringComparison.Ordinal);
        Assert.Contains("Stdout: plain", second.LogText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_of_JSON_on_standard_output_answers_as_well()
    {
        var outcome = await _pool.RunAsync(Native("#!/bin/sh\nwhile read -r line; do echo looking; echo \"$line\"; done"), """{"name":"Ada"}""");
        Assert.StartsWith("""{"value":{"name":"Ada"},""", outcome.Answer(), StringComparison.Ordinal);
        Assert.Contains("\"activation_id\":\"", outcome.Answer(), StringComparison.Ordinal);
        Assert.Equal("Stdout: looking", outcome.LogText());
    }

    [Fact]
    public async Task Main_says_that_standard_output_is_for_logs()
    {
        var action = Native("#!/bin/sh\nwhile read -r line; do echo '{\"a\":\"log\"}'; sleep 0.2; echo '{\"b\":1}' >&3; done") with { Main = "fd3" };
        var outcome = await _pool.RunAsync(action);
        Assert.Equal("""{"b":1}""", outcome.Answer());
        Assert.Equal("""Stdout: {"a":"log"}""", outcome.LogText());
    }

    [Fact]
    public async Task A_program_that_ends_after_its_answer_is_started_again()
    {
        var action = Native("#!/bin/sh\nread -r line\necho '{\"ok\":1}'");
        Assert.Equal("""{"ok":1}""", (await _pool.RunAsync(action)).Answer());
        Assert.Equal("""{"ok":1}""", (await _pool.RunAsync(action)).Answer());
    }

    [Fact]
    public async Task A_program_that_fails_is_told_with_its_last_words()
    {
        var outcome = await _pool.RunAsync(Native("#!/bin/sh\nread -r line\necho 'no such lever' >&2\nexit 4"));
        Assert.Equal(SandboxStatus.RunFailed, outcome.Status);
        Assert.Equal("The action's program ended with exit code 4 before it answered: no such lever", outcome.Message);
    }

    [Theory]
    [InlineData("just text", "'exec' is neither an ELF executable nor a script that begins with '#!' and its interpreter.")]
    [InlineData("#!/opt/nothing\n", "'exec', line 1: the interpreter '/opt/nothing' is not in the sandbox.")]
    public async Task What_cannot_be_executed_is_a_load_error(string code, string reason)
    {
        var outcome = await _pool.RunAsync(Native(code));
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.Equal($"Initialization has failed due to: {reason}", outcome.Message);
        Assert.Equal($"Stderr: {reason}", outcome.LogText());
    }

    [Fact]
    public async Task A_zip_holds_exec_and_what_it_needs()
    {
        var script = Archive.Zip(("exec", "#!/bin/sh\nread -r line\ncat answer.json >&3\n"), ("answer.json", "{\"from\":\"file\"}"));
        Assert.Equal("""{"from":"file"}""", (await _pool.RunAsync(Native(script) with { IsBinary = true })).Answer());
        var executable = Archive.ZipBytes(("exec", await File.ReadAllBytesAsync("/bin/cat")));
        var outcome = await _pool.RunAsync(Native(executable) with { IsBinary = true }, """{"n":1}""");
        Assert.StartsWith("""{"value":{"n":1},""", outcome.Answer(), StringComparison.Ordinal);
        var without = await _pool.RunAsync(Native(Archive.Zip(("run", "#!/bin/sh\n"))) with { IsBinary = true });
        Assert.Equal("Initialization has failed due to: The archive has no file 'exec' at its root.", without.Message);
    }

    private static SandboxedAction Native(string code) => TestPool.Action(code) with { Kind = "native", Concurrency = 10 };
}
