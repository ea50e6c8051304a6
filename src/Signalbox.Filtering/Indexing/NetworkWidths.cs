namespace Signalbox.Filtering.Indexing;

/// <summary>
/// Which lengths of network prefix a field's address tests use: an address is looked up once for each. Immutable.
/// </summary>
internal sealed class NetworkWidths
{
    public static readonly NetworkWidths Empty = new([], []);

    private readonly (int Bits, int Uses)[] _ipv4;
    private readonly (int Bits, int Uses)[] _ipv6;

    private NetworkWidths((int Bits, int Uses)[] ipv4, (int Bits, int Uses)[] ipv6)
    {
        _ipv4 = ipv4;
        _ipv6 = ipv6;
    }

    public ReadOnlySpan<(int Bits, int Uses)> Of(bool ipv6) => ipv6 ? _ipv6 : _ipv4;

    public NetworkWidths Changed(bool ipv6, int bits, bool add) => ipv6
        ? new NetworkWidths(_ipv4, Changed(_ipv6, bits, add))
        : new NetworkWidths(Changed(_ipv4, bits, add), _ipv6);

    private static (int Bits, int Uses)[] Changed((int Bits, int Uses)[] widths, int bits, bool add)
    {
        var uses = widths.FirstOrDefault(width => width.Bits == bits).Uses + (add ? 1 : -1);
        var others = widths.Where(width => width.Bits != bits);
        return uses == 0 ? [.. others] : [.. others, (bits, uses)];
    }
}
