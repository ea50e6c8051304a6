using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Signalbox.Events.Tests.Notifications;

/// <summary>A small mail server on loopback that keeps what it was sent.</summary>
internal sealed class SmtpListener : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public SmtpListener()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The messages that were taken: recipients and data.</summary>
    public List<(IReadOnlyList<string> Recipients, string Data)> Mails { get; } = [];

    /// <summary>Answers RCPT with 550.</summary>
    public bool IsRefusing { get; set; }

    /// <summary>What a client signed in with, in base64.</summary>
    public string? SignedInWith { get; private set; }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
                await using var writer = new StreamWriter(client.GetStream()) { AutoFlush = true, NewLine = "\r\n" };
                await TalkAsync(reader, writer);
            }
            catch (IOException)
            {
                // The client went away.
            }
        }
    }

    private async Task TalkAsync(StreamReader reader, StreamWriter writer)
    {
        var recipients = new List<string>();
        await writer.WriteLineAsync("220 test");
        while (await reader.ReadLineAsync() is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await writer.WriteLineAsync("250-test\r\n250 AUTH PLAIN");
                    break;
                case "AUTH":
                    SignedInWith = line.Split(' ')[^1];
                    await writer.WriteLineAsync("235 signed in");
                    break;
                case "RCPT" when IsRefusing:
                    await writer.WriteLineAsync("550 nobody here");
                    break;
                case "RCPT":
                    recipients.Add(line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)]);
                    await writer.WriteLineAsync("250 ok");
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 go on");
                    var data = new StringBuilder();
                    while (await reader.ReadLineAsync() is { } part && part != ".")
                    {
                        data.AppendLine(part);
                    }

                    Mails.Add((recipients.ToArray(), data.ToString()));
                    recipients.Clear();
                    await writer.WriteLineAsync("250 taken");
                    break;
                case "QUIT":
                    await writer.WriteLineAsync("221 bye");
                    return;
                default:
                    await writer.WriteLineAsync("250 ok");
                    break;
            }
        }
    }
}
