namespace Signalbox.Sandbox.Tests.Kinds;

/// <summary>Actions in Python, by the machine's own interpreter.</summary>
public sealed class PythonKindTests : IClassFixture<SharedPool>
{
    private readonly TestPool _pool;

    public PythonKindTests(SharedPool shared)
    {
        _pool = shared.Pool;
    }

    [Theory]
    [InlineData("def main(args):\n    return {'hello': args['name']}", "{\"hello\": \"Ada\"}")]
    [InlineData("async def main(args):\n    import asyncio\n    await asyncio.sleep(0)\n    return {'hello': args['name']}", "{\"hello\": \"Ada\"}")]
    [InlineData("def main(args):\n    return [args['name'], 'é']", "[\"Ada\", \"é\"]")]
    [InlineData("def main(args):\n    pass", "{}")]
    [InlineData("import ssl, sqlite3, ctypes, zlib, hashlib\ndef main(args):\n    return {'ok': hashlib.sha256(b'').hexdigest()[:4]}", "{\"ok\": \"e3b0\"}")]
    public async Task Source_text_offers_main(string code, string answer)
    {
        var outcome = await _pool.RunAsync(Python(code), """{"name":"Ada"}""");
        Assert.Equal(answer, outcome.Answer());
    }

    [Fact]
    public async Task Another_function_may_be_named()
    {
        var outcome = await _pool.RunAsync(Python("def greet(args): return {'ok': 1}") with { Main = "greet" });
        Assert.Equal("{\"ok\": 1}", outcome.Answer());
    }

    [Fact]
    public async Task An_exception_is_an_application_error_with_the_users_lines_in_the_log()
    {
        var outcome = await _pool.RunAsync(Python("def main(args):\n    deeper()\n\ndef deeper():\n    raise ValueError('no way')"));
        Assert.Equal("{\"error\": \"no way\"}", outcome.Answer());
        Assert.Contains("File \"/action/__main__.py\", line 5, in deeper", outcome.LogText(), StringComparison.Ordinal);
        Assert.Contains("raise ValueError('no way')", outcome.LogText(), StringComparison.Ordinal);
        Assert.DoesNotContain("launcher.py", outcome.LogText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("def main(args):\n    return 'text'")]
    [InlineData("def main(args):\n    return {'x': object()}")]
    [InlineData("def main(args):\n    return {'x': float('nan')}")]
    public async Task What_is_no_dictionary_is_a_developer_error(string code)
    {
        var outcome = await _pool.RunAsync(Python(code));
        Assert.Equal(SandboxStatus.RunFailed, outcome.Status);
        Assert.Equal("The action did not return a dictionary or array.", outcome.Message);
    }

    [Theory]
    [InlineData("def main(args):\n    return {'a': 1", "File \"/action/__main__.py\", line 2")]
    [InlineData("import no_such_module\ndef main(args): return {}", "line 1, in <module>\n    import no_such_module\nModuleNotFoundError")]
    [InlineData("def other(args): return {}", "Action entrypoint 'main' is not a function of /action/__main__.py; it has other.")]
    public async Task A_load_error_says_which_file_and_line(string code, string part)
    {
        var outcome = await _pool.RunAsync(Python(code));
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.StartsWith("Initialization has failed due to: ", outcome.Message, StringComparison.Ordinal);
        Assert.Contains(part, outcome.Message, StringComparison.Ordinal);
        Assert.Contains(part.Split('\n')[0], outcome.LogText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zip_runs_from_its_main_file_with_its_own_modules()
    {
        var outcome = await _pool.RunAsync(Python(Archive.Zip(
            ("__main__.py", "from helper import word\ndef main(args): return {'word': word, 'text': open('note.txt').read()}"),
            ("helper.py", "word = 'helped'"),
            ("note.txt", "noted"))) with
        { IsBinary = true });
        Assert.Equal("{\"word\": \"helped\", \"text\": \"noted\"}", outcome.Answer());
    }

    [Fact]
    public async Task A_virtual_environment_in_the_zip_is_used()
    {
        var outcome = await _pool.RunAsync(Python(Archive.Zip(
            ("__main__.py", "import colours\ndef main(args): return {'colours': colours.all}"),
            ("virtualenv/lib/python3.11/site-packages/colours/__init__.py", "all = ['red']"))) with
        { IsBinary = true });
        Assert.Equal("{\"colours\": [\"red\"]}", outcome.Answer());
    }

    [Fact]
    public async Task A_zip_without_a_main_file_is_refused()
    {
        var outcome = await _pool.RunAsync(Python(Archive.Zip(("other.py", ""))) with { IsBinary = true });
        Assert.Equal("Initialization has failed due to: Zip file does not include __main__.py at its root.", outcome.Message);
    }

    [Fact]
    public async Task Activations_at_once_keep_their_logs_and_variables_apart()
    {
        var action = Python("""
            import os, sys, threading
            both = threading.Barrier(2)
            def main(args):
                print('one', args['n'])
                both.wait(20)
                print('two', args['n'], file=sys.stderr)
                return {'id': os.environ['__OW_ACTIVATION_ID'], 'n': args['n']}
            """) with { Concurrency = 2 };
        var requests = Enumerable.Range(0, 2).Select(n => TestPool.Request($$"""{"n":{{n}}}""")).ToList();
        var outcomes = await Task.WhenAll(requests.Select(request => _pool.Pool.RunAsync(action, request, CancellationToken.None)));
        for (var n = 0; n < 2; n++)
        {
            Assert.Equal($"{{\"id\": \"{requests[n].ActivationId}\", \"n\": {n}}}", outcomes[n].Answer());
            Assert.Equal($"Stdout: one {n}\nStderr: two {n}", outcomes[n].LogText());
        }
    }

    [Fact]
    public async Task An_action_that_exits_is_a_crash_of_its_own()
    {
        var outcome = await _pool.RunAsync(Python("import sys\ndef main(args):\n    print('bye')\n    sys.exit(3)"));
        Assert.Equal(SandboxStatus.RunCrashed, outcome.Status);
        Assert.Equal("Stdout: bye", outcome.LogText());
    }

    [Fact]
    public async Task Modules_that_were_added_on_the_machine_are_not_seen()
    {
        var outcome = await _pool.RunAsync(Python("""
            import os, sys
            def main(args):
                added = [p for p in sys.path if p.endswith('-packages') and os.path.isdir(p)]
                return {'files': sum(len(os.listdir(p)) for p in added)}
            """));
        Assert.Equal("{\"files\": 0}", outcome.Answer());
    }

    private static SandboxedAction Python(string code) => TestPool.Action(code) with { Kind = "python:default", Concurrency = 50 };
}
