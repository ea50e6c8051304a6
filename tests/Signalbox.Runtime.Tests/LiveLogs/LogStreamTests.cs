using System.Text.Json;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.LiveLogs;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.Tests.LiveLogs;

public sealed class LogStreamTests
{
    private static readonly EntityName _hello = new("guest", null, "hello");

    [Fact]
    public async Task Lines_arrive_before_the_activation_ends_and_its_end_follows()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("hello", "print");
        using var lines = await OpenAsync(server.Guest, "logs/stream");

        var id = (await (await server.Guest.PostJsonAsync("actions/hello")).ReadAsync(202)).GetProperty("activationId").GetString();
        var line = await NextAsync(lines);
        server.Sandbox.Gate.SetResult();
        var end = await NextAsync(lines);

        Assert.Equal("line", line.GetProperty("type").GetString());
        Assert.Equal("/guest/hello", line.GetProperty("action").GetString());
        Assert.Equal(id, line.GetProperty("activationId").GetString());
        Assert.Equal("stdout", line.GetProperty("stream").GetString());
        Assert.Equal("first", line.GetProperty("text").GetString());
        Assert.Equal("end", end.GetProperty("type").GetString());
        Assert.Equal("success", end.GetProperty("status").GetString());
        Assert.Equal(id, end.GetProperty("activationId").GetString());
    }

    [Fact]
    public async Task A_stream_of_one_action_tells_of_no_other_and_a_failure_says_its_error()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("hello", """json:{"error":"no lamp"}""");
        await server.Guest.CreateActionAsync("other", "echo");
        using var lines = await OpenAsync(server.Guest, "logs/stream?action=hello");

        await (await server.Guest.PostJsonAsync("actions/other?blocking=true")).ReadAsync(200);
        await (await server.Guest.PostJsonAsync("actions/hello?blocking=true")).ReadAsync(502);
        var end = await NextAsync(lines);

        Assert.Equal("/guest/hello", end.GetProperty("action").GetString());
        Assert.Equal("application error", end.GetProperty("status").GetString());
        Assert.Equal("no lamp", end.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Only_the_namespaces_own_key_opens_its_stream()
    {
        await using var server = await RuntimeServer.StartAsync();

        var foreign = await server.Other.GetAsync(new Uri("/api/v1/namespaces/guest/logs/stream", UriKind.Relative));
        var anonymous = await server.Nobody.GetAsync(new Uri("/api/v1/namespaces/guest/logs/stream", UriKind.Relative));
        var misspelt = await server.Guest.GetPathAsync("logs/stream?action=a/b/c/d");

        Assert.Equal(403, (int)foreign.StatusCode);
        Assert.Equal(401, (int)anonymous.StatusCode);
        Assert.Contains("a/b/c/d", (await misspelt.ReadAsync(400)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_streams_than_the_limit_are_refused_until_one_is_closed()
    {
        await using var server = await RuntimeServer.StartAsync(configure: options => options with { LogStreamsPerNamespaceMax = 1 });
        using (await OpenAsync(server.Guest, "logs/stream"))
        {
            var refused = await server.Guest.GetPathAsync("logs/stream");
            Assert.Contains("LogStreamsPerNamespaceMax", (await refused.ReadAsync(429)).GetProperty("error").GetString(), StringComparison.Ordinal);
        }

        await Eventually.HoldsAsync(async () =>
        {
            using var again = await server.Guest.GetAsync(new Uri("/api/v1/namespaces/_/logs/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            return again.IsSuccessStatusCode;
        });
    }

    [Fact]
    public void A_slow_reader_loses_what_finds_no_place_and_is_told_how_much()
    {
        var hub = new LiveLogHub(Options(queueLength: 2));
        Assert.False(hub.Subscribe("guest", null).IsRefused(out _, out var reader));
        for (var i = 0; i < 5; i++)
        {
            hub.OnLine("guest", _hello, "id", new LogLine(DateTimeOffset.UnixEpoch, LogStream.Stdout, "text"));
        }

        Assert.Equal(2, Drain(reader!));
        Assert.Equal(3, reader!.TakeLost());
        Assert.Equal(0, reader.TakeLost());
    }

    [Fact]
    public void Long_lines_fill_a_queue_before_their_number_does()
    {
        var hub = new LiveLogHub(Options(queueLength: 1_000));
        Assert.False(hub.Subscribe("guest", null).IsRefused(out _, out var reader));
        var line = new LogLine(DateTimeOffset.UnixEpoch, LogStream.Stdout, new string('x', 1024 * 1024));
        for (var i = 0; i < 6; i++)
        {
            hub.OnLine("guest", _hello, "id", line);
        }

        Assert.Equal(4, Drain(reader!));
        Assert.Equal(2, reader!.TakeLost());
        hub.OnLine("guest", _hello, "id", line);
        Assert.Equal(1, Drain(reader));
    }

    [Fact]
    public void A_closed_stream_takes_nothing_more()
    {
        var hub = new LiveLogHub(Options(queueLength: 10));
        Assert.False(hub.Subscribe("guest", null).IsRefused(out _, out var reader));
        reader!.Dispose();

        hub.OnLine("guest", _hello, "id", new LogLine(DateTimeOffset.UnixEpoch, LogStream.Stdout, "text"));

        Assert.Equal(0, Drain(reader));
        Assert.Equal(0, reader.TakeLost());
    }

    private static RuntimeOptions Options(int queueLength) => new()
    {
        ApiHost = () => new Uri("http://127.0.0.1"),
        PublicKeyHost = () => new Uri("http://127.0.0.1"),
        LogStreamQueueLength = queueLength,
    };

    private static int Drain(LogSubscription reader)
    {
        var count = 0;
        while (reader.TryTake(out _))
        {
            count++;
        }

        return count;
    }

    private static async Task<StreamReader> OpenAsync(HttpClient client, string path)
    {
        var response = await client.GetAsync(new Uri("/api/v1/namespaces/_/" + path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}");
        var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("alive", (await NextAsync(lines)).GetProperty("type").GetString());
        return lines;
    }

    private static async Task<JsonElement> NextAsync(StreamReader lines) =>
        JsonDocument.Parse((await lines.ReadLineAsync())!).RootElement;
}
