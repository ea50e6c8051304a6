using System.Net;

namespace Signalbox.Events.Egress;

/// <summary>Which webhook URLs may be called: https and public addresses only, unless the operator allows others.</summary>
public sealed class WebhookTargetPolicy(EventsOptions options)
{
    /// <summary>Why the URL may not be a webhook, for the 400 response; null when it may, as far as its text tells.</summary>
    public string? FindObjection(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return $"'{url}' is not an absolute https URL.";
        }

        if (uri.UserInfo.Length > 0)
        {
            return "The webhook URL must not carry a user name or password.";
        }

        if (options.AllowPrivateTargets)
        {
            return null;
        }

        if (uri.Scheme != "https")
        {
            return $"The webhook URL must use https, not {uri.Scheme}.";
        }

        // Uri has already turned decimal, octal and hexadecimal IPv4 forms into the dotted one.
        var host = uri.IdnHost.Trim('[', ']').TrimEnd('.');
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
        {
            return $"The webhook host '{uri.Host}' is a loopback address; a public one is needed.";
        }

        return IPAddress.TryParse(host, out var address) ? FindObjection(uri.Host, address) : null;
    }

    /// <summary>Why a resolved address may not be connected to; null when it may.</summary>
    public string? FindObjection(string host, IPAddress address) =>
        !options.AllowPrivateTargets && TargetAddress.FindObjection(address) is { } kind
            ? $"The webhook host '{host}' is at {address}, {(kind[0] == 'u' ? "an" : "a")} {kind} address; a public one is needed."
            : null;
}
