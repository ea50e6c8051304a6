using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>The unmodified package <c>openwhisk</c>.</summary>
public sealed class OpenWhiskClientTests(RunningServer running) : IDisposable
{
    private readonly NodeClient _client = new(running.Server);

    [Fact]
    public async Task Actions_are_created_updated_read_listed_invoked_and_deleted()
    {
        var happened = await _client.ReportAsync("openwhisk.mjs", "actions");

        Assert.Equal("0.0.1", Text(happened["created"]!["version"]));
        Assert.Equal(5000, happened["created"]!["limits"]!["timeout"]!.GetValue<int>());
        AssertRefused(happened["again"]!, 409, "resource already exists");
        Assert.Equal("0.0.2", Text(happened["updated"]!["version"]));
        Assert.StartsWith("nodejs:", Text(happened["got"]!["exec"]!["kind"]), StringComparison.Ordinal);
        Assert.NotEqual("nodejs:default", Text(happened["got"]!["exec"]!["kind"]));
        Assert.StartsWith("function main", Text(happened["got"]!["exec"]!["code"]), StringComparison.Ordinal);
        Assert.Null(happened["withoutCode"]!["exec"]!["code"]);
        Assert.Contains("greet", happened["listed"]!.AsArray().Select(Text));
        Assert.Equal("Hello, Ada!", Text(happened["blocking"]!["response"]!["result"]!["greeting"]));
        Assert.Equal("success", Text(happened["blocking"]!["response"]!["status"]));
        Assert.Equal("Hello, somebody!", Text(happened["result"]!["greeting"]));
        Assert.Equal(["activationId"], happened["started"]!.AsObject().Select(m => m.Key));
        Assert.Equal("Hello, later!", Text(happened["later"]!["response"]!["result"]!["greeting"]));
        Assert.Equal("greet", Text(happened["deleted"]!["name"]));
        AssertRefused(happened["gone"]!, 404, "The requested resource does not exist.");
    }

    [Fact]
    public async Task Failures_arrive_as_the_client_expects_them()
    {
        var happened = await _client.ReportAsync("openwhisk.mjs", "failures");

        AssertFailed(happened["throws"]!, "action developer error", "An error has occurred: Error: no way");
        Assert.Equal(502, happened["rejects"]!["status"]!.GetValue<int>());
        Assert.Equal(418, happened["rejects"]!["error"]!["response"]!["result"]!["error"]!["statusCode"]!.GetValue<int>());
        Assert.Equal("application error", Text(happened["rejects"]!["error"]!["response"]!["status"]));
        AssertFailed(happened["sleeps"]!, "action developer error", "The action exceeded its time limits of 500 milliseconds.");
        Assert.StartsWith("Initialization has failed due to: SyntaxError", Text(happened["broken"]!["error"]!["response"]!["result"]!["error"]), StringComparison.Ordinal);
        AssertRefused(happened["unknown"]!, 404, "The requested resource does not exist.");
        AssertRefused(happened["unknownActivation"]!, 404, "The requested resource does not exist.");
        AssertRefused(happened["wrongKey"]!, 401, "The supplied authentication is invalid");
    }

    [Fact]
    public async Task Packages_and_bindings_give_their_parameters_to_their_actions()
    {
        var happened = await _client.ReportAsync("openwhisk.mjs", "packages");

        Assert.Equal("tools", Text(happened["bound"]!["binding"]!["name"]));
        Assert.Equal(["shout"], happened["got"]!["actions"]!.AsArray().Select(a => Text(a!["name"])));
        var bindings = happened["listed"]!.AsArray().ToDictionary(p => Text(p!["name"]), p => p!["binding"]!);
        Assert.False(bindings["tools"].GetValue<bool>());
        Assert.Equal("tools", Text(bindings["bound-tools"]["name"]));
        Assert.Equal("PACKAGE?", Text(happened["own"]!["text"]));
        Assert.Equal("BINDING!", Text(happened["through"]!["text"]));
        AssertRefused(happened["notEmpty"]!, 409, "Package not empty (contains 1 entity). Set force param or delete package contents.");
        AssertRefused(happened["gone"]!, 404, $"The requested resource '{running.Client.Console.Namespace}/tools' does not exist.");
    }

    [Fact]
    public async Task A_sequence_passes_results_on_and_stops_at_the_first_failure()
    {
        var happened = await _client.ReportAsync("openwhisk.mjs", "sequences");

        var name = running.Client.Console.Namespace;
        Assert.Equal([$"/{name}/add-one", $"/{name}/double"], happened["created"]!["exec"]!["components"]!.AsArray().Select(Text));
        Assert.Equal(8, happened["record"]!["response"]!["result"]!["n"]!.GetValue<int>());
        Assert.Equal(2, happened["stored"]!["logs"]!.AsArray().Count);
        Assert.Equal(["add-one", "double"], happened["components"]!.AsArray().Select(c => Text(c!["name"])));
        Assert.All(happened["components"]!.AsArray(), c => Assert.Equal(Text(happened["stored"]!["activationId"]), Text(c!["cause"])));
        AssertFailed(happened["failed"]!, "action developer error", "An error has occurred: Error: too much");
    }

    [Fact]
    public async Task Activations_can_be_listed_counted_and_read_with_logs_and_result()
    {
        var happened = await _client.ReportAsync("openwhisk.mjs", "activations");

        var ids = happened["ids"]!.AsArray().Select(Text).Order();
        Assert.Equal(ids, happened["listed"]!.AsArray().Select(a => Text(a!["activationId"])).Order());
        Assert.All(happened["listed"]!.AsArray(), a => Assert.Equal(0, a!["statusCode"]!.GetValue<int>()));
        Assert.Single(happened["limited"]!.AsArray());
        Assert.Equal(3, happened["counted"]!["activations"]!.GetValue<int>());
        Assert.Equal(1, happened["got"]!["response"]!["result"]!["n"]!.GetValue<int>());
        var logs = happened["logs"]!["logs"]!.AsArray().Select(Text).ToList();
        Assert.Matches(@"^\d+-\d+-\d+T\d+:\d+:\d+\.\d+Z\s+stdout: line 1$", logs[0]);
        Assert.Contains(logs, line => line.EndsWith("stderr: to stderr", StringComparison.Ordinal));
        Assert.Equal(1, happened["result"]!["result"]!["n"]!.GetValue<int>());
        Assert.True(happened["result"]!["success"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_zipped_action_runs_from_the_file_its_package_json_names()
    {
        var happened = await _client.ReportAsync("openwhisk.mjs", "archive");

        Assert.True(happened["binary"]!.GetValue<bool>());
        Assert.Equal("zipped", Text(happened["result"]!["word"]));
    }

    [Fact]
    public async Task Actions_in_Python_DotNet_and_of_native_programs_run_as_those_in_JavaScript_do()
    {
        var happened = await _client.ReportAsync("openwhisk.mjs", "kinds");

        foreach (var (name, kind) in new[] { ("python", "python:3"), ("dotnet", "dotnet:10"), ("native", "native") })
        {
            Assert.Equal(kind, Text(happened[name]!["kind"]));
            Assert.Equal("Ada", Text(happened[name]!["result"]!["hello"]));
            Assert.Equal("Bob", Text(happened[name]!["again"]!["hello"]));
        }

        AssertRefused(
            happened["deprecated"]!,
            400,
            "The 'nodejs:18' runtime is no longer supported. You may read and delete but not update or invoke this action.");
    }

    public void Dispose() => _client.Dispose();

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    private static void AssertRefused(JsonNode refusal, int status, string error)
    {
        Assert.Equal(status, refusal["status"]!.GetValue<int>());
        Assert.Equal(error, Text(refusal["error"]!["error"]));
    }

    private static void AssertFailed(JsonNode refusal, string status, string error)
    {
        Assert.Equal(502, refusal["status"]!.GetValue<int>());
        Assert.Equal(status, Text(refusal["error"]!["response"]!["status"]));
        Assert.Equal(error, Text(refusal["error"]!["response"]!["result"]!["error"]));
    }
}
