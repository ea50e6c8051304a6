using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime.Tests;

/// <summary>Bodies that come slowly, or never whole.</summary>
public sealed class SlowBodyTests
{
    private const string WebPath = "/api/v1/web/guest/default/web.json";
    private const string InvokePath = "/api/v1/namespaces/guest/actions/web?blocking=true";

    [Theory]
    [InlineData(WebPath), InlineData(InvokePath)]
    public async Task A_body_that_is_still_coming_takes_no_place_of_the_namespace(string path)
    {
        await using var server = await StartAsync(options => options with { ConcurrentInvocations = 1 });
        using var slow = await SlowRequest.BeginAsync(server, path, announced: 14, "{\"a\":");
        await ComingAsync(server, 1);

        await (await PostAsync(server, path)).ReadAsync(200);
        await slow.SendAsync("\"slowly\"}");

        Assert.StartsWith("HTTP/1.1 200 ", await slow.ReadAsync(), StringComparison.Ordinal);
        await ComingAsync(server, 0);
    }

    [Theory]
    [InlineData(WebPath, 30), InlineData(InvokePath, 30), InlineData("/api/v1/namespaces/guest/actions/new", 1_500)]
    public async Task A_body_that_does_not_come_in_time_is_408_and_gives_its_place_back(string path, int seconds)
    {
        await using var server = await StartAsync();
        using var slow = await SlowRequest.BeginAsync(server, path, announced: 14, "{\"a\":", path.EndsWith("new", StringComparison.Ordinal) ? "PUT" : "POST");
        await ComingAsync(server, 1);

        server.Clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        await ComingAsync(server, 1);
        server.Clock.Advance(TimeSpan.FromSeconds(1));

        var answer = await slow.ReadAsync();
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains($"The request's body was not whole after {seconds} seconds.", System.Text.RegularExpressions.Regex.Unescape(answer), StringComparison.Ordinal);
        Assert.Empty(server.Sandbox.Runs);
        await ComingAsync(server, 0);
    }

    [Fact]
    public async Task Of_one_namespace_only_so_many_bodies_may_be_coming_and_those_that_are_there_pass()
    {
        await using var server = await StartAsync(options => options with { BodiesPerNamespaceMax = 1 });
        using var first = await SlowRequest.BeginAsync(server, WebPath, announced: 14, "{\"a\":");
        await ComingAsync(server, 1);

        using var second = await SlowRequest.BeginAsync(server, WebPath, announced: 14, "{\"a\":");
        var refused = await second.ReadAsync();
        using var whole = await SlowRequest.BeginAsync(server, WebPath, announced: 2, "{}");

        Assert.StartsWith("HTTP/1.1 429 ", refused, StringComparison.Ordinal);
        Assert.Contains("Too many requests whose bodies are still coming (count: 2, allowed: 1).", refused, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await whole.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_takes_memory_as_it_comes_and_not_as_it_is_announced()
    {
        await using var server = await StartAsync();
        using var slow = await SlowRequest.BeginAsync(server, InvokePath, announced: 1024 * 1024, "{\"a\":");

        await ComingAsync(server, 1);

        Assert.InRange(Intake(server).Read("guest").Bytes, 1, 16 * 1024);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_large_body_comes_whole(bool isAnnounced)
    {
        await using var server = await StartAsync();
        var text = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i:x7};"));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Uri, InvokePath + "&result=true"))
        {
            Content = new StringContent($"{{\"text\":\"{text}\"}}", Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = !isAnnounced;

        var answer = await (await server.Guest.SendAsync(request)).ReadAsync(200);

        Assert.Equal(text, answer.GetProperty("text").GetString());
        Assert.Equal((0, 0), Intake(server).Read("guest"));
    }

    [Fact]
    public void One_namespace_may_fill_half_of_the_memory_and_all_together_all_of_it()
    {
        var intake = new BodyIntake(Options() with { BodyMemoryMb = 4 });
        foreach (var name in (string[])["a", "b", "c"])
        {
            Assert.Null(intake.TryEnter(name));
            Assert.Null(intake.TryEnter(name));
        }

        Assert.Null(intake.TryHold("a", 2 << 20));
        Assert.Equal(503, intake.TryHold("a", 1)?.Status);
        Assert.Null(intake.TryHold("b", 2 << 20));
        Assert.Equal(503, intake.TryHold("c", 1)?.Status);

        intake.Leave("a", 2 << 20);
        Assert.Null(intake.TryHold("c", 1));
        Assert.Equal((1, 0), intake.Read("a"));
    }

    private static RuntimeOptions Options() => new() { ApiHost = () => new Uri("http://api.example"), PublicKeyHost = () => new Uri("http://127.0.0.1:9") };

    private static BodyIntake Intake(RuntimeServer server) => server.Services.GetRequiredService<BodyIntake>();

    /// <summary>Waits until so many bodies are being read; each has memory then, and its time runs.</summary>
    private static Task ComingAsync(RuntimeServer server, int bodies) => Eventually.HoldsAsync(() =>
    {
        var coming = Intake(server).Read("guest");
        return Task.FromResult(coming.Bodies == bodies && coming.Bytes > 0 == bodies > 0);
    });

    private static Task<HttpResponseMessage> PostAsync(RuntimeServer server, string path) =>
        server.Guest.PostAsync(new Uri(path, UriKind.Relative), new StringContent("{}", Encoding.UTF8, "application/json"));

    private static async Task<RuntimeServer> StartAsync(Func<RuntimeOptions, RuntimeOptions>? configure = null)
    {
        var server = await RuntimeServer.StartAsync(configure: configure);
        await server.Guest.CreateActionAsync("web", "echo", annotations: "[{\"key\":\"web-export\",\"value\":true}]");
        return server;
    }

    /// <summary>A request of the namespace <c>guest</c> whose body is sent in parts.</summary>
    private sealed class SlowRequest : IDisposable
    {
        private readonly TcpClient _client = new();

        public static async Task<SlowRequest> BeginAsync(RuntimeServer server, string path, int announced, string part, string method = "POST")
        {
            var request = new SlowRequest();
            await request._client.ConnectAsync(IPAddress.Loopback, server.Uri.Port);
            await request.SendAsync(
                $"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {server.Guest.DefaultRequestHeaders.Authorization}\r\n"
                + $"Content-Type: application/json\r\nContent-Length: {announced}\r\n\r\n{part}");
            return request;
        }

        public async Task SendAsync(string text) => await _client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));

        /// <summary>The answer's head and, when it came with it, its body.</summary>
        public async Task<string> ReadAsync()
        {
            var buffer = new byte[4096];
            var length = 0;
            while (!Encoding.ASCII.GetString(buffer, 0, length).Contains("}", StringComparison.Ordinal))
            {
                var read = await _client.GetStream().ReadAsync(buffer.AsMemory(length)).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
                if (read == 0)
                {
                    break;
                }

                length += read;
            }

            return Encoding.ASCII.GetString(buffer, 0, length);
        }

        public void Dispose() => _client.Dispose();
    }
}
