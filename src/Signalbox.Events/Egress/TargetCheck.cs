using System.Net;
using System.Net.Sockets;

namespace Signalbox.Events.Egress;

/// <summary>Turns a webhook URL into the addresses that may be connected to, or says why there are none.</summary>
internal sealed class TargetCheck(WebhookTargetPolicy policy, IHostResolver resolver, TimeProvider clock)
{
    /// <summary>What a registration's request waits for a name server at most.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>Why the URL may not be a webhook, by its text alone; null when it may, as far as that tells.</summary>
    public string? FindObjection(string url) => policy.FindObjection(url);

    /// <summary>
    /// Why the URL may not be a webhook, by its text and by what its name stands for now. A name that nobody knows, or
    /// that no server tells in time, is no objection: the challenge will say so.
    /// </summary>
    /// <exception cref="NoLookupPlaceException">Too many names are looked up for registrations already.</exception>
    public async Task<string?> FindObjectionAsync(string url, CancellationToken cancellationToken)
    {
        if (FindObjection(url) is { } objection)
        {
            return objection;
        }

        using var patience = new CancellationTokenSource(_patience, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await ResolveAsync(new Uri(url), LookupPurpose.Registration, end.Token);
            return null;
        }
        catch (TargetRefusedException exception)
        {
            return exception.Message;
        }
        catch (SocketException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The addresses of the URL's host, all of them allowed.</summary>
    /// <exception cref="TargetRefusedException">One is not allowed: a name must not have a second, inner meaning.</exception>
    /// <exception cref="SocketException">The name is unknown.</exception>
    /// <exception cref="NoLookupPlaceException">Too many names are looked up already.</exception>
    public async Task<IPAddress[]> ResolveAsync(Uri url, LookupPurpose purpose, CancellationToken cancellationToken)
    {
        var host = url.IdnHost.Trim('[', ']');
        IPAddress[] addresses = IPAddress.TryParse(host.TrimEnd('.'), out var literal)
            ? [literal]
            : await resolver.ResolveAsync(host, purpose, cancellationToken).WaitAsync(cancellationToken);
        foreach (var address in addresses)
        {
            if (policy.FindObjection(url, address) is { } objection)
            {
                throw new TargetRefusedException(objection);
            }
        }

        return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.HostNotFound);
    }
}
