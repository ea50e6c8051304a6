using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Signalbox.Sockets.Tests;

public sealed class LoopTransportTests
{
    private const int LargeBytes = 8 * 1024 * 1024;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/loop")]
    [InlineData("/pool")]
    public async Task A_large_body_comes_in_and_goes_out_unchanged(string path)
    {
        await using var server = await LoopServer.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            await context.Response.Body.WriteAsync(body.ToArray());
        });
        var sent = RandomNumberGenerator.GetBytes(LargeBytes);

        using var answer = await server.Http.PostAsync(new Uri(server.Url, path), new ByteArrayContent(sent), Token);

        Assert.Equal(sent, await answer.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task Many_connections_keep_their_requests_apart()
    {
        await using var server = await LoopServer.StartAsync(context => context.Request.Body.CopyToAsync(context.Response.Body));

        await Task.WhenAll(Enumerable.Range(0, 64).Select(async connection =>
        {
            for (var i = 0; i < 20; i++)
            {
                using var answer = await server.Http.PostAsync(server.Url, new StringContent($"{connection}/{i}"), Token);
                Assert.Equal($"{connection}/{i}", await answer.Content.ReadAsStringAsync(Token));
            }
        }));
    }

    [Fact]
    public async Task Requests_that_come_in_one_packet_are_answered_in_order()
    {
        await using var server = await LoopServer.StartAsync(context => context.Response.WriteAsync(context.Request.Path + ";"));
        using var socket = await server.ConnectAsync();

        await socket.SendAsync(Encoding.ASCII.GetBytes("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), Token);

        var text = await ReadToEndAsync(socket);
        Assert.True(text.IndexOf("/a;", StringComparison.Ordinal) is var first && first > 0 && text.IndexOf("/b;", StringComparison.Ordinal) > first, text);
    }

    [Fact]
    public async Task A_client_that_reads_late_gets_everything()
    {
        await using var server = await LoopServer.StartAsync(async context =>
        {
            var block = new byte[64 * 1024];
            for (var i = 0; i < LargeBytes / block.Length; i++)
            {
                await context.Response.Body.WriteAsync(block);
            }
        });
        using var socket = await server.ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET /pool HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), Token);
        // Meanwhile the server has filled every buffer, and others are served.
        using var other = await server.Http.GetAsync(new Uri(server.Url, "/loop"), Token);
        await other.Content.ReadAsByteArrayAsync(Token);

        Assert.True((await ReadToEndAsync(socket)).Length > LargeBytes);
    }

    [Fact]
    public async Task A_client_that_leaves_cancels_its_request()
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await LoopServer.StartAsync(async context =>
        {
            context.RequestAborted.Register(() => aborted.TrySetResult());
            arrived.TrySetResult();
            await aborted.Task;
        });
        using (var socket = await server.ConnectAsync())
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), Token);
            await arrived.Task.WaitAsync(_patience, Token);
        }

        await aborted.Task.WaitAsync(_patience, Token);
    }

    [Fact]
    public async Task A_client_that_resets_the_connection_in_the_middle_of_an_answer_leaves_the_server_well()
    {
        var ended = new TaskCompletionSource();
        await using var server = await LoopServer.StartAsync(async context =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                await context.Response.Body.WriteAsync(new byte[64 * 1024]);
            }

            ended.TrySetResult();
        });
        using (var socket = await server.ConnectAsync())
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET /pool HTTP/1.1\r\nHost: x\r\n\r\n"), Token);
            await socket.ReceiveAsync(new byte[1024], Token);
            socket.LingerState = new LingerOption(true, 0);
        }

        await ended.Task.WaitAsync(_patience, Token);
        using var answer = await server.Http.GetAsync(server.Url, Token);
        Assert.Equal(64_000 * 1024, (await answer.Content.ReadAsByteArrayAsync(Token)).Length);
        Assert.Empty(server.Errors.Texts);
    }

    [Fact]
    public async Task A_request_stays_on_the_loop_though_its_body_comes_late()
    {
        var threads = new List<bool>();
        await using var server = await LoopServer.StartAsync(context => NoteThreadsAsync(context, threads));

        // The first request of a connection is begun by whoever accepted it when its bytes are there already; another try then.
        for (var attempt = 0; attempt < 20 && threads is not [true, ..]; attempt++)
        {
            threads.Clear();
            await SendInTwoPartsAsync(server, "/loop");
        }

        Assert.Equal([true, true], threads);
    }

    [Fact]
    public async Task A_request_that_left_the_loop_stays_away_though_its_body_comes_late()
    {
        var threads = new List<bool>();
        await using var server = await LoopServer.StartAsync(context => NoteThreadsAsync(context, threads));

        await SendInTwoPartsAsync(server, "/pool");

        Assert.Equal([false, false], threads);
    }

    [Fact]
    public async Task A_request_that_blocks_its_pool_thread_holds_up_nobody_else()
    {
        using var release = new ManualResetEventSlim();
        await using var server = await LoopServer.StartAsync(context =>
        {
            if (context.Request.Path == "/pool")
            {
                release.Wait(_patience);
            }

            return context.Response.WriteAsync("done");
        });
        var blocked = server.Http.GetStringAsync(new Uri(server.Url, "/pool"), Token);

        // More than there are loops, so that one of them shares the blocked request's loop.
        foreach (var _ in Enumerable.Range(0, 2 * Environment.ProcessorCount))
        {
            using var client = new HttpClient();
            Assert.Equal("done", await client.GetStringAsync(new Uri(server.Url, "/loop"), Token));
        }

        Assert.False(blocked.IsCompleted);
        release.Set();
        Assert.Equal("done", await blocked);
    }

    [Fact]
    public async Task Stopping_closes_the_connections_that_are_idle()
    {
        await using var server = await LoopServer.StartAsync(context => context.Response.WriteAsync("done"));
        using var socket = await server.ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), Token);

        await socket.ReceiveAsync(new byte[1024], Token);

        await server.StopAsync().WaitAsync(_patience, Token);

        Assert.DoesNotContain("HTTP/1.1", await ReadToEndAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_an_error_that_the_web_server_knows()
    {
        await using var server = await LoopServer.StartAsync(context => Task.CompletedTask);
        using var memory = new Pool();

        await Assert.ThrowsAsync<AddressInUseException>(async () =>
            await new Http.LoopTransport(memory).BindAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, server.Url.Port), Token));
    }

    private static async Task NoteThreadsAsync(HttpContext context, List<bool> threads)
    {
        threads.Add(EventLoop.Current is not null);
        using var reader = new StreamReader(context.Request.Body);
        Assert.Equal("body", await reader.ReadToEndAsync());
        threads.Add(EventLoop.Current is not null);
    }

    private static async Task SendInTwoPartsAsync(LoopServer server, string path)
    {
        using var socket = await server.ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"), Token);
        // The server says "continue" once the request's handler waits for the body.
        await socket.ReceiveAsync(new byte[1024], Token);
        await socket.SendAsync("body"u8.ToArray(), Token);
        Assert.Contains("200 OK", await ReadToEndAsync(socket));
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Token).WaitAsync(_patience, Token);
    }

    private sealed class Pool : IMemoryPoolFactory<byte>, IDisposable
    {
        public System.Buffers.MemoryPool<byte> Create(MemoryPoolOptions? options = null) => System.Buffers.MemoryPool<byte>.Shared;

        public void Dispose()
        {
        }
    }
}
