using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>The first start on a machine that reaches no package registry.</summary>
public sealed class OfflineTests
{
    [Fact]
    public async Task The_machines_own_kind_runs_and_another_says_what_is_missing_and_what_to_do()
    {
        var cache = Directory.CreateTempSubdirectory("signalbox-offline-").FullName;
        try
        {
            await using var server = await SignalboxServer.StartAsync(new ServerLaunch
            {
                Wrapper = ["env", "npm_config_registry=http://127.0.0.1:9", "npm_config_fetch_retries=0", $"npm_config_cache={cache}/npm"],
                Settings = ["--Sandbox:RuntimesDirectory", $"{cache}/runtimes"],
            });
            using var client = await ServerClient.SignInAsync(server);
            await PutAsync(client, "own", "nodejs:default");
            await PutAsync(client, "other", "nodejs:24");

            var own = await client.RuntimeAsync(HttpMethod.Post, "/actions/own?blocking=true&result=true", new JsonObject());
            var other = await client.RuntimeAsync(HttpMethod.Post, "/actions/other?blocking=true", new JsonObject());

            Assert.Equal(HttpStatusCode.OK, own.Status);
            Assert.NotEqual(HttpStatusCode.OK, other.Status);
            var id = (string)other.Json["activationId"]!;
            await Eventually.HoldsAsync("the record", async () => (await client.RuntimeAsync(HttpMethod.Get, $"/activations/{id}")).Status == HttpStatusCode.OK);
            var error = Assert.Single(await client.GetLogsAsync(id));
            Assert.Contains("ECONNREFUSED", error, StringComparison.Ordinal);
            Assert.Contains("'signalbox runtimes install nodejs:24' tries again", error, StringComparison.Ordinal);
            Assert.Contains("This machine's own interpreter runs 'nodejs:", error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    private static async Task PutAsync(ServerClient client, string name, string kind) => (await client.RuntimeAsync(
        HttpMethod.Put,
        $"/actions/{name}",
        new JsonObject { ["exec"] = new JsonObject { ["kind"] = kind, ["code"] = "function main () { return { ok: true } }" } })).Expect(HttpStatusCode.OK);
}
