using System.Net;

namespace Signalbox.Events.Egress;

/// <summary>
/// Which webhook URLs may be called: https and public addresses only, unless the operator allows a range; plain http
/// only into allowed ranges; never this server itself, whose handlers are reached another way.
/// </summary>
public sealed class WebhookTargetPolicy
{
    /// <summary>Of a name as text (RFC 1035, section 2.3.4).</summary>
    private const int HostCharactersMax = 253;

    private readonly TargetRanges _allowed;
    private readonly Func<IReadOnlyCollection<int>> _ownPorts;

    /// <exception cref="FormatException"><see cref="EventsOptions.AllowTargets"/> has something that is no range.</exception>
    public WebhookTargetPolicy(EventsOptions options)
    {
        _allowed = options.AllowPrivateTargets ? TargetRanges.Everything : TargetRanges.Parse(options.AllowTargets);
        _ownPorts = options.OwnPorts;
    }

    /// <summary>Why the URL may not be a webhook, for the 400 response; null when it may, as far as its text tells.</summary>
    public string? FindObjection(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return $"'{url}' is not an absolute https URL.";
        }

        if (uri.UserInfo.Length > 0)
        {
            return "The webhook URL must not carry a user name or password. Put a secret into its path or query instead.";
        }

        if (uri.Fragment.Length > 0)
        {
            return $"The webhook URL must not have a fragment: '{uri.Fragment}' would never be sent. Remove it.";
        }

        if (uri.Port is <= 0 or > 65_535)
        {
            return $"The webhook URL has the port {uri.Port}, which nobody can connect to. Ports go from 1 to 65535.";
        }

        if (uri.Scheme != "https" && _allowed.IsEmpty)
        {
            return $"The webhook URL must use https, not {uri.Scheme}.";
        }

        // Uri has already turned decimal, octal and hexadecimal IPv4 forms into the dotted one.
        var host = uri.IdnHost.Trim('[', ']').TrimEnd('.');
        if (IPAddress.TryParse(host, out var address))
        {
            return FindObjection(uri, address);
        }

        if (host.Length > HostCharactersMax)
        {
            return $"The webhook URL's host has {host.Length} characters. Names have at most {HostCharactersMax}.";
        }

        var isLocalhost = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
        return isLocalhost ? FindObjection(uri, IPAddress.Loopback) : null;
    }

    /// <summary>Why an address that the URL's host stands for may not be connected to; null when it may.</summary>
    public string? FindObjection(Uri url, IPAddress address)
    {
        var plain = TargetAddress.Unwrap(address);
        if (_ownPorts().Contains(url.Port) && OwnAddresses.Contains(plain))
        {
            return $"The webhook host '{url.Host}' is at {address}, port {url.Port}, which is this server itself. To run an action, give 'runtime_action' instead of 'webhook_url'.";
        }

        if (_allowed.Contains(plain) || _allowed.Contains(address))
        {
            return null;
        }

        if (TargetAddress.FindObjection(plain) is { } kind)
        {
            return $"The webhook host '{url.Host}' is at {address}, {(kind[0] == 'u' ? "an" : "a")} {kind} address; a public one is needed, or the operator allows the range with --allow-target.";
        }

        return url.Scheme == "https" ? null : $"The webhook URL must use https, not {url.Scheme}: {address} is in no range that the operator allows.";
    }
}
