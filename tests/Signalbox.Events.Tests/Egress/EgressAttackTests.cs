using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Signalbox.Events.Egress;
using Signalbox.Events.Tests.Delivery;

namespace Signalbox.Events.Tests.Egress;

/// <summary>Endpoints, names and proxies that mean harm, on real sockets.</summary>
public sealed class EgressAttackTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData("127.0.0.1"), InlineData("10.1.2.3"), InlineData("169.254.169.254"), InlineData("::1"), InlineData("::ffff:192.168.0.1")]
    [InlineData("fd00:ec2::254"), InlineData("64:ff9b::a9fe:a9fe"), InlineData("2002:0a00:0001::1"), InlineData("::ffff:0:0")]
    public async Task A_name_with_an_inner_address_is_refused_when_it_is_registered_and_when_it_is_connected_to(string address)
    {
        var names = new Names(_ => [IPAddress.Parse("93.184.216.34"), IPAddress.Parse(address)]);
        using var client = Client(new EventsOptions(), names);

        var objection = await Check(new EventsOptions(), names).FindObjectionAsync("https://inner.example/hook", default);
        var exchange = await client.SendAsync(Get("https://inner.example/hook"), isOwnHandler: false, _limit, default);

        Assert.Contains("--allow-target", objection, StringComparison.Ordinal);
        Assert.Equal(602, exchange.Code);
        Assert.Contains("--allow-target", Text(exchange), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_changes_its_meaning_after_the_registration_is_refused()
    {
        using var listener = new RawListener(_ => Task.CompletedTask);
        var meaning = IPAddress.Parse("93.184.216.34");
        var names = new Names(_ => [meaning]);
        using var client = Client(new EventsOptions(), names);
        var url = $"https://rebinding.example:{listener.Port}/";

        Assert.Null(await Check(new EventsOptions(), names).FindObjectionAsync(url, default));
        meaning = IPAddress.Loopback;
        var exchange = await client.SendAsync(Get(url), isOwnHandler: false, _limit, default);

        Assert.Equal(602, exchange.Code);
        Assert.Equal(0, listener.Connections);
    }

    [Fact]
    public async Task An_allowed_range_is_reached_and_nothing_beside_it()
    {
        using var listener = new RawListener(async stream => await WriteAsync(stream, "HTTP/1.1 204 No Content\r\n\r\n"));
        var options = new EventsOptions { AllowTargets = ["127.0.0.1/32"] };
        using var client = Client(options, new Names(_ => [IPAddress.Loopback]));
        var check = Check(options, new Names(_ => [IPAddress.Parse("127.0.0.2")]));

        Assert.Equal(204, (await client.SendAsync(Get($"http://inside.example:{listener.Port}/"), isOwnHandler: false, _limit, default)).Code);
        Assert.Contains("127.0.0.2", await check.FindObjectionAsync("https://beside.example/", default), StringComparison.Ordinal);
        Assert.Contains("must use https", await Check(options, new Names(_ => [IPAddress.Parse("93.184.216.34")])).FindObjectionAsync("http://public.example/", default), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/metrics"), InlineData("http://localhost:{0}/"), InlineData("http://[::ffff:127.0.0.1]:{0}/"), InlineData("http://own.example:{0}/")]
    [InlineData("http://0x7f000001:{0}/"), InlineData("http://2130706433:{0}/"), InlineData("http://0.0.0.0:{0}/"), InlineData("http://own.example.:{0}/")]
    public async Task The_server_itself_is_no_webhook_even_where_loopback_is_allowed(string format)
    {
        using var listener = new RawListener(async stream => await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        var url = string.Format(format, listener.Port);
        foreach (var options in (EventsOptions[])[new() { AllowTargets = ["0.0.0.0/0", "::/0"] }, new() { AllowPrivateTargets = true }])
        {
            var own = options with { OwnPorts = () => [listener.Port] };
            var names = new Names(_ => [IPAddress.Loopback]);
            using var client = Client(own, names);

            Assert.Contains("this server itself", await Check(own, names).FindObjectionAsync(url, default), StringComparison.Ordinal);
            Assert.Equal(602, (await client.SendAsync(Get(url), isOwnHandler: false, _limit, default)).Code);
        }
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        using var secret = new RawListener(_ => Task.CompletedTask);
        using var listener = new RawListener(async stream =>
            await WriteAsync(stream, $"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{secret.Port}/\r\nContent-Length: 0\r\n\r\n"));
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        var exchange = await client.SendAsync(Get(listener.Url), isOwnHandler: false, _limit, default);

        Assert.Equal(307, exchange.Code);
        Assert.Equal(0, secret.Connections);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Slow: ")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    public async Task An_endpoint_that_stalls_is_left_at_the_end_of_the_whole_attempt(string beginning)
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new RawListener(async stream =>
        {
            await WriteAsync(stream, beginning);
            began.TrySetResult();
            await stream.ReadExactlyAsync(new byte[1 << 20]);
        });
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        var sending = client.SendAsync(Get(listener.Url), isOwnHandler: false, _limit, default);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(20));
        _clock.Advance(_limit - TimeSpan.FromMilliseconds(1));
        Assert.False(sending.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(604, (await sending.WaitAsync(TimeSpan.FromSeconds(20))).Code);
    }

    [Fact]
    public async Task An_endless_body_is_read_up_to_a_limit()
    {
        using var listener = new RawListener(async stream =>
        {
            await WriteAsync(stream, "HTTP/1.1 200 OK\r\n\r\n");
            var filling = new byte[64 << 10];
            while (true)
            {
                await stream.WriteAsync(filling);
            }
        });
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        var exchange = await client.SendAsync(Get(listener.Url), isOwnHandler: false, _limit, default).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(200, exchange.Code);
        Assert.InRange(exchange.ResponseBody.Length, 64 << 10, (64 << 10) + 16);
    }

    [Fact]
    public async Task What_stands_around_a_body_is_read_up_to_a_limit()
    {
        var sent = 0L;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new RawListener(async stream =>
        {
            await WriteAsync(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            var chunk = Encoding.ASCII.GetBytes($"1;{new string('e', 15_000)}\r\nx\r\n");
            try
            {
                while (true)
                {
                    await stream.WriteAsync(chunk);
                    sent += chunk.Length;
                }
            }
            finally
            {
                ended.TrySetResult();
            }
        });
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        var exchange = await client.SendAsync(Get(listener.Url), isOwnHandler: false, _limit, default).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(602, exchange.Code);
        Assert.Equal("The answer has more than 2097152 bytes, what stands around its content included.", exchange.FailureReason);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20));
        // What the kernels on both sides hold was sent, too.
        Assert.InRange(sent, 2 << 20, 64 << 20);
    }

    [Fact]
    public async Task Each_answer_of_a_kept_connection_has_a_limit_of_its_own()
    {
        var body = new string('b', 900_000);
        using var listener = new RawListener(async stream =>
        {
            do
            {
                await WriteAsync(stream, $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            }
            while ((await ReadHeadAsync(stream)).Length > 0);
        });
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(200, (await client.SendAsync(Get(listener.Url), isOwnHandler: false, _limit, default)).Code);
        }

        Assert.Equal(1, listener.Connections);
    }

    [Theory]
    [InlineData("zz\r\nhello\r\n"), InlineData("5\r\nhelloworld\r\n"), InlineData("5 x\r\nhello\r\n"), InlineData("5;LONG\r\nhello\r\n"), InlineData("5\r\nhel")]
    [InlineData("0\r\nnonsense\r\n\r\n"), InlineData("ffffffffffffffff\r\nhello\r\n"), InlineData("fffffffffffffffff\r\nhello\r\n"), InlineData("0\r\nX-Trailer: LONG\r\n\r\n")]
    public async Task A_malformed_chunk_is_told_like_any_malformed_answer(string chunks)
    {
        using var listener = new RawListener(stream =>
            WriteAsync(stream, $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks.Replace("LONG", new string('l', 60_000), StringComparison.Ordinal)}"));
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        var exchange = await client.SendAsync(Get(listener.Url), isOwnHandler: false, _limit, default).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.StartsWith("602 : Network", Text(exchange), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endless_headers_end_at_a_limit()
    {
        using var listener = new RawListener(async stream =>
        {
            await WriteAsync(stream, "HTTP/1.1 200 OK\r\n");
            var line = Encoding.ASCII.GetBytes($"X-Filling: {new string('a', 1_000)}\r\n");
            while (true)
            {
                await stream.WriteAsync(line);
            }
        });
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        var exchange = await client.SendAsync(Get(listener.Url), isOwnHandler: false, _limit, default).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(602, exchange.Code);
    }

    [Fact]
    public async Task Requests_that_cross_the_end_of_a_connection_go_by_another()
    {
        const int requests = 60;
        using var listener = new RawListener(stream => WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        var answered = 0;
        for (var i = 0; i < requests; i++)
        {
            answered += (await client.SendAsync(Post(listener.Url), isOwnHandler: false, _limit, default)).Code == 200 ? 1 : 0;
        }

        // What arrives between the endpoint's last look and its close is in its system, and might have been read: that is
        // an attempt. How many there are is the machine's; each request met one endpoint that took it, and no more.
        Assert.InRange(answered, 1, requests);
        Assert.InRange(listener.Connections, answered, requests);
    }

    [Fact]
    public async Task A_connection_whose_end_has_come_is_not_written_to()
    {
        using var listener = new RawListener(stream => WriteAsync(stream, "HTTP/1.1 200 OK\r\n\r\n"));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, listener.Port);
        await using var connection = new KeptConnection(new NetworkStream(socket), socket);
        await connection.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        await connection.ReadAtLeastAsync(new byte[19], 19);
        await DeliveryEngine.UntilAsync(() => Task.FromResult(ConnectionState.Read(socket) is { IsEstablished: false }));

        await Assert.ThrowsAsync<StaleConnectionException>(async () => await connection.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray()));
    }

    [Theory, InlineData("GET", false), InlineData("GET", true), InlineData("POST", false), InlineData("POST", true)]
    public async Task A_request_that_an_endpoint_has_read_is_not_sent_again_when_it_hangs_up(string method, bool resets)
    {
        using var listener = new RawListener(async stream =>
        {
            await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            await ReadHeadAsync(stream);
            if (resets)
            {
                stream.Socket.LingerState = new LingerOption(true, 0);
            }
        });
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        for (var connections = 1; connections <= 4; connections++)
        {
            Assert.Equal(200, (await client.SendAsync(Request(method, listener.Url), isOwnHandler: false, _limit, default)).Code);
            Assert.Equal(602, (await client.SendAsync(Request(method, listener.Url), isOwnHandler: false, _limit, default)).Code);
            Assert.Equal(connections, listener.Connections);
        }
    }

    [Theory, InlineData("GET"), InlineData("POST")]
    public async Task A_connection_that_never_answered_is_a_failure_at_once(string method)
    {
        using var listener = new RawListener(_ => Task.CompletedTask);
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        var exchange = await client.SendAsync(Request(method, listener.Url), isOwnHandler: false, _limit, default);

        Assert.Equal(602, exchange.Code);
        Assert.Equal("The endpoint closed the connection before it answered.", exchange.FailureReason);
        Assert.Equal(1, listener.Connections);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_not_asked_for_again()
    {
        var answers = 0;
        using var listener = new RawListener(async stream =>
        {
            await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            await ReadHeadAsync(stream);
            await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Le");
            answers++;
        });
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        Assert.Equal(200, (await client.SendAsync(Post(listener.Url), isOwnHandler: false, _limit, default)).Code);
        Assert.Equal(602, (await client.SendAsync(Post(listener.Url), isOwnHandler: false, _limit, default)).Code);
        Assert.Equal((1, 1), (answers, listener.Connections));
    }

    [Fact]
    public async Task A_switch_to_another_protocol_is_answered_at_once_and_not_waited_for()
    {
        using var listener = new RawListener(async stream =>
        {
            await WriteAsync(stream, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nframe");
            await stream.ReadExactlyAsync(new byte[1 << 20]);
        });
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        var exchange = await client.SendAsync(Get(listener.Url), isOwnHandler: false, _limit, default).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(101, exchange.Code);
        Assert.Equal("websocket", exchange.Header("upgrade"));
    }

    [Theory, InlineData(601), InlineData(604), InlineData(999), InlineData(99)]
    public async Task A_status_that_HTTP_does_not_have_is_told_from_our_own_codes(int status)
    {
        using var listener = new RawListener(async stream => await WriteAsync(stream, $"HTTP/1.1 {status:000} Ours\r\nContent-Length: 0\r\n\r\n"));
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        var exchange = await client.SendAsync(Get(listener.Url), isOwnHandler: false, _limit, default).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(602, exchange.Code);
        Assert.Equal($"The answer's status was {status:000}; those of HTTP are 100 to 599.", exchange.FailureReason);
    }

    [Fact]
    public async Task What_is_quoted_of_an_answer_that_is_no_HTTP_is_short()
    {
        using var listener = new RawListener(async stream => await WriteAsync(stream, $"HTTP/1.1 200 OK\r\n{new string('q', 20_000)}\r\n\r\n"));
        using var client = Client(new EventsOptions { AllowPrivateTargets = true });

        var exchange = await client.SendAsync(Get(listener.Url), isOwnHandler: false, _limit, default).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Contains("qqq", Text(exchange), StringComparison.Ordinal);
        Assert.InRange(exchange.ResponseBody.Length, 100, 3_000);
    }

    [Fact]
    public async Task A_proxy_is_asked_for_the_checked_address_and_carries_the_request()
    {
        using var proxy = new RawListener(async stream =>
        {
            await WriteAsync(stream, "HTTP/1.1 200 Connection established\r\n\r\n");
            await ReadHeadAsync(stream);
            await WriteAsync(stream, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        });
        var options = new EventsOptions { EgressProxy = new Uri($"http://user:pass@127.0.0.1:{proxy.Port}"), AllowTargets = ["93.184.216.0/24"] };
        using var client = Client(options, new Names(_ => [IPAddress.Parse("93.184.216.34")]));

        var exchange = await client.SendAsync(Get("http://hook.example:8080/path"), isOwnHandler: false, _limit, default);

        Assert.Equal(202, exchange.Code);
        var head = await proxy.FirstHeadAsync();
        Assert.StartsWith("CONNECT 93.184.216.34:8080 HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Proxy-Authorization: Basic dXNlcjpwYXNz", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_proxy_inner_addresses_are_refused_before_it_is_asked_and_its_refusal_is_told()
    {
        using var proxy = new RawListener(async stream => await WriteAsync(stream, "HTTP/1.1 403 Forbidden\r\n\r\n"));
        var options = new EventsOptions { EgressProxy = new Uri($"http://127.0.0.1:{proxy.Port}") };
        var address = IPAddress.Parse("10.0.0.1");
        using var client = Client(options, new Names(_ => [address]));

        var inner = await client.SendAsync(Get("https://hook.example/"), isOwnHandler: false, _limit, default);
        Assert.Equal(0, proxy.Connections);
        address = IPAddress.Parse("93.184.216.34");
        var refused = await client.SendAsync(Get("https://hook.example/"), isOwnHandler: false, _limit, default);

        Assert.Contains("10.0.0.1, a private address", Text(inner), StringComparison.Ordinal);
        Assert.Equal(602, refused.Code);
        Assert.Contains("403 Forbidden", Text(refused), StringComparison.Ordinal);
        Assert.False(refused.IsOurFault);
    }

    [Theory]
    [InlineData("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407"), InlineData("SSH-2.0-OpenSSH\r\n\r\n", "SSH-2.0"), InlineData("", "closed the connection")]
    public async Task A_proxy_that_cannot_be_used_is_no_fault_of_the_endpoint(string answer, string expected)
    {
        using var proxy = new RawListener(async stream => await WriteAsync(stream, answer));
        var options = new EventsOptions { EgressProxy = new Uri($"http://127.0.0.1:{proxy.Port}") };
        using var client = Client(options, new Names(_ => [IPAddress.Parse("93.184.216.34")]));

        var exchange = await client.SendAsync(Post("https://hook.example/"), isOwnHandler: false, _limit, default);

        Assert.Equal(602, exchange.Code);
        Assert.True(exchange.IsOurFault);
        Assert.Contains(expected, Text(exchange), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_named()
    {
        int port;
        using (var proxy = new RawListener(_ => Task.CompletedTask))
        {
            port = proxy.Port;
        }

        using var client = Client(new EventsOptions { EgressProxy = new Uri($"http://127.0.0.1:{port}") }, new Names(_ => [IPAddress.Parse("93.184.216.34")]));

        var exchange = await client.SendAsync(Post("https://hook.example/"), isOwnHandler: false, _limit, default);

        Assert.True(exchange.IsOurFault);
        Assert.Contains($"The egress proxy 127.0.0.1:{port} (Events:EgressProxy) cannot be used", exchange.FailureReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.0/33", "not a range"), InlineData("inner", "not a range"), InlineData("10", "'10' is not written out")]
    [InlineData("10.1/16", "not written out"), InlineData("010.0.0.0/8", "not written out"), InlineData("0x0a.0.0.1", "not written out"), InlineData("167772161", "not written out")]
    public void A_range_that_is_none_is_refused_by_name(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => TargetRanges.Parse([text])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1"), InlineData(" 10.0.0.0/8 ", "10.255.0.1"), InlineData("fd00::/8", "fd00::1"), InlineData("fd00:0:0::1", "fd00::1")]
    public void A_range_or_an_address_that_is_written_out_is_taken(string text, string inside) =>
        Assert.True(TargetRanges.Parse([text]).Contains(IPAddress.Parse(inside)));

    [Theory]
    [InlineData("https://example.com/#part", "fragment"), InlineData("https://example.com:0/", "port 0"), InlineData("https://a@example.com/", "user name")]
    public void What_a_webhook_url_must_not_have_is_named(string url, string expected) =>
        Assert.Contains(expected, new WebhookTargetPolicy(new EventsOptions()).FindObjection(url), StringComparison.Ordinal);

    [Fact]
    public async Task A_name_longer_than_any_can_be_is_refused() =>
        Assert.Contains("253", await Check(new EventsOptions(), new SystemHostResolver(TimeProvider.System)).FindObjectionAsync($"https://{string.Join('.', Enumerable.Repeat("a", 200))}.com/", default), StringComparison.Ordinal);

    private static TargetCheck Check(EventsOptions options, IHostResolver names) => new(new WebhookTargetPolicy(options), names, TimeProvider.System);

    private WebhookClient Client(EventsOptions options, IHostResolver? names = null) => new(
        new CheckedConnector(Check(options, names ?? new Names(_ => [IPAddress.Loopback])), new EgressProxy(options)),
        new RecordingHandlers(), options, _clock, NullLogger<WebhookClient>.Instance);

    private static OutgoingRequest Get(string url) => new() { Method = HttpMethod.Get, Url = new Uri(url), Headers = [] };

    private static OutgoingRequest Request(string method, string url) => method == "GET" ? Get(url) : Post(url);

    private static OutgoingRequest Post(string url) => Get(url) with { Method = HttpMethod.Post, ContentType = "application/json", Body = "{}"u8.ToArray() };

    private static string Text(Exchange exchange) => Encoding.UTF8.GetString(exchange.ResponseBody.Span);

    private static async Task WriteAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text));

    private static Task<string> ReadHeadAsync(NetworkStream stream) => RawListener.ReadHeadAsync(stream);

    private sealed class Names(Func<string, IPAddress[]> resolve) : IHostResolver
    {
        public Task<IPAddress[]> ResolveAsync(string host, LookupPurpose purpose, CancellationToken cancellationToken) => Task.FromResult(resolve(host));
    }
}
