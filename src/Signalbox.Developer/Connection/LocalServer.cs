using System.Net.Sockets;

namespace Signalbox.Developer.Connection;

/// <summary>How a data directory's server is reached by a command that can read the directory.</summary>
internal static class LocalServer
{
    private const string UrlFile = "admin-url";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The public URL; where nothing answers there from this machine (behind a proxy, in another network), what the server
    /// listens on. That has no TLS then: a certificate is for the public name.
    /// </summary>
    public static Uri Reach(Uri publicUrl, string dataDirectory) =>
        FindUrl(dataDirectory) is not { } local || local.Authority == publicUrl.Authority || CanConnect(publicUrl) || !CanConnect(local) ? publicUrl : local;

    private static Uri? FindUrl(string dataDirectory)
    {
        try
        {
            return Uri.TryCreate(File.ReadAllText(Path.Combine(dataDirectory, UrlFile)).Trim(), UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp
                ? url
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool CanConnect(Uri url)
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            return socket.ConnectAsync(url.DnsSafeHost, url.Port).Wait(_patience);
        }
        catch (AggregateException)
        {
            return false;
        }
    }
}
