namespace Signalbox.Sandbox.Tests.Kinds;

/// <summary>Actions in C#: a source file, or a compiled assembly.</summary>
public sealed class DotnetKindTests : IClassFixture<SharedPool>
{
    private readonly TestPool _pool;

    public DotnetKindTests(SharedPool shared)
    {
        _pool = shared.Pool;
    }

    [Fact]
    public async Task A_source_file_is_compiled_and_run()
    {
        var action = Dotnet("""
            using System.Text.Json.Nodes;

            public static class Hello
            {
                public static async Task<JsonObject> Main(JsonObject args)
                {
                    Console.WriteLine("got " + args["name"]);
                    await Task.Yield();
                    Console.Error.WriteLine(Environment.GetEnvironmentVariable("__OW_ACTIVATION_ID")!.Length);
                    return new JsonObject { ["hello"] = args["name"]!.GetValue<string>() };
                }
            }
            """);
        var outcome = await _pool.RunAsync(action, """{"name":"Ada"}""");
        Assert.Equal("""{"hello":"Ada"}""", outcome.Answer());
        Assert.Equal("Stdout: got Ada\nStderr: 32", outcome.LogText());
        var warm = await _pool.RunAsync(action, """{"name":"Bob"}""");
        Assert.Equal("""{"hello":"Bob"}""", warm.Answer());
        Assert.Null(warm.Init);
    }

    [Fact]
    public async Task Records_are_read_and_written_and_main_names_the_method()
    {
        var action = Dotnet("""
            public record Order(string Item, int Quantity);
            public class Shop
            {
                public object Total(Order order) => new { order.Item, Price = order.Quantity * 2 };
                public string Text(Order order) => "text";
                public void Fail(Order order)
                {
                    throw new InvalidOperationException("no " + order.Item);
                }
            }
            """) with { Main = "Shop::Total", Concurrency = 50 };
        Assert.Equal("""{"item":"lever","price":4}""", (await _pool.RunAsync(action, """{"item":"lever","quantity":2}""")).Answer());

        var text = await _pool.RunAsync(action with { Id = "text", Main = "Text" });
        Assert.Equal("The action did not return a dictionary or array.", text.Message);

        var failed = await _pool.RunAsync(action with { Id = "fail", Main = "Shop::Fail" }, """{"item":"lever"}""");
        Assert.Equal(SandboxStatus.RunFailed, failed.Status);
        Assert.Equal("An error has occurred: InvalidOperationException: no lever", failed.Message);
        Assert.Contains("at Shop.Fail(Order order) in /action/Action.cs:line 8", failed.LogText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_file_is_compiled_once()
    {
        var action = Dotnet("public static class A { public static object Main(object args) => new { before = System.IO.File.Exists(\"/action/Action.dll\") }; }");
        Assert.Equal("""{"before":false}""", (await _pool.RunAsync(action)).Answer());
        Assert.Equal("""{"before":true}""", (await _pool.RunAsync(action with { Id = "again" })).Answer());
        // What a process says it has compiled is its owner's risk alone.
        Assert.Equal("""{"before":false}""", (await _pool.RunAsync(action with { Id = "others", Owner = "other" })).Answer());
        Assert.Equal("""{"before":false}""", (await _pool.RunAsync(action with { Id = "changed", Code = action.Code + "//" })).Answer());
    }

    [Fact]
    public async Task A_compile_error_says_which_line()
    {
        var outcome = await _pool.RunAsync(Dotnet("public class A\n{\n    public static int Main() => x;\n}"));
        Assert.Equal(SandboxStatus.LoadFailed, outcome.Status);
        Assert.Equal(
            "Initialization has failed due to: /action/Action.cs(3,33): error CS0103: The name 'x' does not exist in the current context", outcome.Message);
        Assert.Contains("/action/Action.cs(3,33): error CS0103", outcome.LogText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compiled_assembly_runs_by_its_type_and_method()
    {
        var code = Archive.ZipBytes(("Signalbox.Sandbox.Tests.dll", await File.ReadAllBytesAsync(typeof(DotnetSample).Assembly.Location)));
        var action = Dotnet(code) with { IsBinary = true, Main = $"Signalbox.Sandbox.Tests::{typeof(DotnetSample).FullName}::{nameof(DotnetSample.Add)}" };
        Assert.Equal("""{"sum":3}""", (await _pool.RunAsync(action, """{"a":1,"b":2}""")).Answer());

        var missing = await _pool.RunAsync(action with { Id = "missing", Main = "Other::A::B" });
        Assert.Equal("Initialization has failed due to: There is no 'Other.dll' at the root of the archive, which 'main' (Other::A::B) names.", missing.Message);
    }

    private static SandboxedAction Dotnet(string code) => TestPool.Action(code) with { Kind = "dotnet:default", MemoryMb = 512, Timeout = TimeSpan.FromSeconds(60) };
}
