using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Signalbox.Events.Egress;

/// <summary>
/// The forward proxy of <see cref="EventsOptions.EgressProxy"/>: a tunnel by <c>CONNECT</c>, for http and https targets
/// alike, to an address that this server has checked. TLS goes through the tunnel and is verified for the name.
/// </summary>
internal sealed class EgressProxy
{
    private const int AnswerBytesMax = 8 << 10;

    private const string AuthenticationRequired = "407";

    /// <summary>A proxy stands near: one that takes longer is not there.</summary>
    private static readonly TimeSpan _connectTime = TimeSpan.FromSeconds(5);

    private readonly Uri? _url;
    private readonly string _authorization = "";

    /// <exception cref="FormatException">The setting is not an <c>http</c> URL.</exception>
    public EgressProxy(EventsOptions options)
    {
        _url = options.EgressProxy;
        if (_url is { IsAbsoluteUri: false } or { Scheme: not "http" })
        {
            throw new FormatException($"Events:EgressProxy is '{_url}'. It must be the http URL of a proxy that allows CONNECT, such as http://proxy.example.com:3128.");
        }

        if (_url is { UserInfo.Length: > 0 })
        {
            var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(_url.UserInfo)));
            _authorization = $"Proxy-Authorization: Basic {credentials}\r\n";
        }
    }

    public bool IsConfigured => _url is not null;

    /// <summary>A tunnel to the first of the addresses that the proxy reaches.</summary>
    public async Task<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(addresses[i], port), cancellationToken);
            }
            catch (IOException exception) when (exception is not EgressProxyException && i + 1 < addresses.Length)
            {
                continue;
            }
        }
    }

    private async Task<Stream> ConnectAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await ReachAsync(socket, cancellationToken);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{_authorization}\r\n"), cancellationToken);
            var status = await ReadStatusLineAsync(socket, cancellationToken);
            return status.Split(' ') switch
            {
                ["HTTP/1.0" or "HTTP/1.1", ['2', _, _], ..] => new NetworkStream(socket, ownsSocket: true),
                ["HTTP/1.0" or "HTTP/1.1", [_, _, _] code, ..] when code != AuthenticationRequired =>
                    throw new IOException($"{Named} answered '{status}' to CONNECT {target}."),
                _ => throw new EgressProxyException($"{Named} answered '{status}' to CONNECT {target}."),
            };
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new EgressProxyException($"{Named} cannot be used: {exception.Message}.");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string Named => $"The egress proxy {_url!.Host}:{_url.Port} (Events:EgressProxy)";

    private async Task ReachAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_connectTime);
        try
        {
            await socket.ConnectAsync(_url!.IdnHost, _url.Port, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EgressProxyException($"{Named} did not answer within {_connectTime.TotalSeconds:0} s.");
        }
    }

    /// <summary>Reads a byte at a time up to the empty line: what follows belongs to the target.</summary>
    private async Task<string> ReadStatusLineAsync(Socket socket, CancellationToken cancellationToken)
    {
        var answer = new byte[AnswerBytesMax];
        var length = 0;
        while (!answer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            if (length == answer.Length)
            {
                throw new EgressProxyException($"{Named} answers CONNECT with more than {AnswerBytesMax} bytes.");
            }

            if (await socket.ReceiveAsync(answer.AsMemory(length, 1), cancellationToken) == 0)
            {
                throw new EgressProxyException($"{Named} closed the connection instead of answering CONNECT.");
            }

            length++;
        }

        var text = Encoding.ASCII.GetString(answer, 0, length);
        return text[..text.IndexOf('\r', StringComparison.Ordinal)];
    }
}
