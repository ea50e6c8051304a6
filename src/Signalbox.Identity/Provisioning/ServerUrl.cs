using System.Net;

namespace Signalbox.Identity.Provisioning;

/// <summary>The server's URL in the form that every client understands.</summary>
public static class ServerUrl
{
    /// <summary>
    /// The URL without a trailing slash, with <c>localhost</c> in place of a loopback or wildcard address: the Adobe
    /// clients recognise plain http by that name alone (clients, section 1.1).
    /// </summary>
    public static string ForClients(Uri url)
    {
        var builder = new UriBuilder(url);
        if (IPAddress.TryParse(url.DnsSafeHost, out var address)
            && (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
        {
            builder.Host = "localhost";
        }

        return builder.Uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
    }
}
