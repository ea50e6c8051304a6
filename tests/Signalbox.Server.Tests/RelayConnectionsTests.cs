using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Signalbox.Server.Tests;

public sealed class RelayConnectionsTests
{
    private const int RelayPort = 5000;

    private readonly TaskCompletionSource _end = new();
    private readonly ConnectionDelegate _bound;
    private int _served;

    public RelayConnectionsTests()
    {
        _bound = new RelayConnections(() => RelayPort, connectionsMax: 2, NullLogger<RelayConnections>.Instance).Bound(async _ =>
        {
            _served++;
            await _end.Task;
        });
    }

    [Fact]
    public async Task One_connection_too_many_is_told_to_come_back_until_another_ends()
    {
        Task[] held = [_bound(Connection(RelayPort, out _)), _bound(Connection(RelayPort, out _))];

        await _bound(Connection(RelayPort, out var output));
        var refusal = Encoding.ASCII.GetString((await output.ReadAsync(TestContext.Current.CancellationToken)).Buffer.FirstSpan);
        _end.SetResult();
        await Task.WhenAll(held);
        await _bound(Connection(RelayPort, out _));

        Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", refusal, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: 1\r\n", refusal, StringComparison.Ordinal);
        Assert.Equal(3, _served);
    }

    [Fact]
    public async Task Connections_to_other_ports_do_not_count()
    {
        var held = Enumerable.Range(0, 5).Select(_ => _bound(Connection(80, out var _))).ToArray();

        Assert.Equal(5, _served);
        _end.SetResult();
        await Task.WhenAll(held);
    }

    private static DefaultConnectionContext Connection(int port, out PipeReader output)
    {
        var pipe = new Pipe();
        output = pipe.Reader;
        return new DefaultConnectionContext { LocalEndPoint = new IPEndPoint(IPAddress.Loopback, port), Transport = new Ends(new Pipe().Reader, pipe.Writer) };
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
