using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Signalbox.Events.Tests.Egress;

/// <summary>A TCP listener on loopback that reads a request's head and then does what the test says.</summary>
internal sealed class RawListener : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource<string> _firstHead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<NetworkStream, Task> _answer;
    private int _connections;

    public RawListener(Func<NetworkStream, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}/";

    public int Connections => Volatile.Read(ref _connections);

    public Task<string> FirstHeadAsync() => _firstHead.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!Encoding.ASCII.GetString([.. head.TakeLast(4)]).Equals("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) == 1)
        {
            head.Add(one[0]);
        }

        return Encoding.ASCII.GetString([.. head]);
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(client);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            await using var stream = client.GetStream();
            _firstHead.TrySetResult(await ReadHeadAsync(stream));
            await _answer(stream);
        }
        catch (IOException)
        {
            // The other side went away, which is what most tests are about.
        }
        finally
        {
            client.Dispose();
        }
    }
}
