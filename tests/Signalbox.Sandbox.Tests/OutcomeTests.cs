using System.Text.Json;

namespace Signalbox.Sandbox.Tests;

/// <summary>What an action's end becomes (OpenWhisk behaviour, sections 2.3 and 6.3).</summary>
public sealed class OutcomeTests : IClassFixture<SharedPool>
{
    private readonly TestPool _pool;

    public OutcomeTests(SharedPool shared)
    {
        _pool = shared.Pool;
    }

    [Theory]
    [InlineData("function main() { return { a: 1 } }", """{"a":1}""")]
    [InlineData("function main() { }", "{}")]
    [InlineData("async function main() { }", "{}")]
    [InlineData("function main() { return null }", "null")]
    [InlineData("function main() { return [1, { b: 2 }] }", """[1,{"b":2}]""")]
    [InlineData("function main() { return Promise.reject() }", """{"error":{}}""")]
    [InlineData("function main() { return Promise.reject('no') }", """{"error":"no"}""")]
    [InlineData("function main() { return Promise.reject({ statusCode: 404, body: { x: 1 } }) }", """{"error":{"statusCode":404,"body":{"x":1}}}""")]
    [InlineData("function main() { return { error: 'mine' } }", """{"error":"mine"}""")]
    [InlineData("function main(args) { return args }", """{"text":"grün 🚂","n":12.50}""", """{"text":"grün 🚂","n":12.5}""")]
    public async Task An_answer_is_the_json_of_what_main_returns(string code, string arguments, string? answer = null)
    {
        var outcome = await _pool.RunAsync(code, answer is null ? "{}" : arguments);
        Assert.Equal(answer ?? arguments, outcome.Answer());
        Assert.NotNull(outcome.Init);
    }

    [Theory]
    [InlineData("function main() { throw new Error('x') }", "An error has occurred: Error: x")]
    [InlineData("function main() { throw 'boom' }", "An error has occurred: boom")]
    [InlineData("function main() { throw new TypeError('y') }", "An error has occurred: TypeError: y")]
    [InlineData("function main() { return 'text' }", "The action did not return a dictionary.")]
    [InlineData("function main() { return 42 }", "The action did not return a dictionary.")]
    [InlineData("async function main() { return true }", "The action did not return a dictionary.")]
    [InlineData("function main() { const a = {}; a.a = a; return a }", "Internal error.")]
    public async Task A_run_fails_with_the_runtimes_own_text(string code, string message)
    {
        var outcome = await _pool.RunAsync(code);
        Assert.Equal(SandboxStatus.RunFailed, outcome.Status);
        Assert.Equal(message, outcome.Message);
    }

    [Fact]
    public async Task A_rejection_with_an_error_answers_its_name_message_and_stack()
    {
        var outcome = await _pool.RunAsync("""
            async function main() {
              const error = new RangeError('too far');
              error.code = 'E_FAR';
              throw error;
            }
            """);
        var error = JsonDocument.Parse(outcome.Answer()).RootElement.GetProperty("error");
        Assert.Equal("RangeError", error.GetProperty("name").GetString());
        Assert.Equal("too far", error.GetProperty("message").GetString());
        Assert.Equal("E_FAR", error.GetProperty("code").GetString());
        Assert.Contains("at main (/action/index.js:2:", error.GetProperty("stack").GetString()!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("function main() {\n  return {;\n}", "Initialization has failed due to: SyntaxError: Unexpected token ';'\n    at /action/index.js:2")]
    [InlineData("const x = 1", "Initialization has failed due to: Action entrypoint 'main' is not a function.")]
    [InlineData("const main = 1", "Initialization has failed due to: Action entrypoint 'main' is not a function.")]
    [InlineData("throw new Error('early')", "Initialization has failed due to: Error: early\n    at Object.<anonymous> (/action/index.js:1:7)")]
    [InlineData("require('left-pad')", "Initialization has failed due to: Error: Cannot find module 'left-pad'")]
    public async Task Code_that_cannot_be_loaded_says_why_and_where(string code, string messageStart)
    {
        var outcome = await _pool.RunAsync(code);
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.StartsWith(messageStart, outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public async Task Empty_code_is_refused_as_the_reference_does(string code)
    {
        var outcome = await _pool.RunAsync(code);
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.Equal("Missing main/no code to execute.", outcome.Message);
    }

    [Theory]
    [InlineData("process.exit(3)", SandboxStatus.LoadCrashed)]
    [InlineData("function main() { process.exit(0) }", SandboxStatus.RunCrashed)]
    [InlineData("function main() { process.kill(process.pid, 'SIGKILL'); return {} }", SandboxStatus.RunCrashed)]
    [InlineData("function main() { setTimeout(() => { throw new Error('late') }); return new Promise(() => {}) }", SandboxStatus.RunCrashed)]
    [InlineData("function main() { process.abort() }", SandboxStatus.RunCrashed)]
    public async Task A_process_that_ends_itself_is_a_crash(string code, SandboxStatus status)
    {
        var outcome = await _pool.RunAsync(code);
        Assert.Equal(status, outcome.Status);
    }

    [Fact]
    public async Task A_crash_leaves_its_lines_and_the_next_run_gets_a_new_process()
    {
        var action = TestPool.Action("""
            let runs = 0;
            function main({ die }) {
              console.log('run', ++runs);
              if (die) setTimeout(() => { throw new Error('late') });
              return die ? new Promise(() => {}) : { runs };
            }
            """);
        Assert.Equal("""{"runs":1}""", (await _pool.RunAsync(action)).Answer());
        Assert.Equal("""{"runs":2}""", (await _pool.RunAsync(action)).Answer());
        var crash = await _pool.RunAsync(action, """{"die":true}""");
        Assert.Equal(SandboxStatus.RunCrashed, crash.Status);
        Assert.StartsWith("Stdout: run 3\nStderr: Error: late", crash.LogText(), StringComparison.Ordinal);
        Assert.Equal("""{"runs":1}""", (await _pool.RunAsync(action)).Answer());
    }

    [Fact]
    public async Task An_answer_of_some_megabytes_arrives_whole()
    {
        var outcome = await _pool.RunAsync(
            "function main({ text }) { return { text, more: 'é'.repeat(1500000) } }",
            $$"""{"text":"{{new string('x', 2_000_000)}}"}""");
        Assert.Equal(2_000_000 + 3_000_000 + """{"text":"","more":""}""".Length, outcome.Result.Length);
    }

    [Fact]
    public async Task An_endless_answer_ends_the_process()
    {
        var outcome = await _pool.RunAsync("function main() { return { text: 'x'.repeat(20 * 1024 * 1024) } }");
        Assert.Equal(SandboxStatus.RunCrashed, outcome.Status);
    }

    [Fact]
    public async Task A_kind_without_an_interpreter_is_not_provisioned()
    {
        var outcome = await _pool.RunAsync(TestPool.Action("function main() {}") with { Kind = "nodejs:3" });
        Assert.Equal(SandboxStatus.NotProvisioned, outcome.Status);
        Assert.Contains("nodejs:3", outcome.Message, StringComparison.Ordinal);
        Assert.Single(_pool.Pool.Kinds, kind => kind is { IsDefault: true, Family: "nodejs" });
    }
}
