namespace Signalbox.Events.Egress;

/// <summary>A name could not be looked up for want of a place in this server. It says nothing of the name.</summary>
internal sealed class NoLookupPlaceException(int placesMax, TimeSpan patience) : Exception(
    $"This server was looking up {placesMax} names, as many as it does at once, and none of them came to an end within {patience.TotalSeconds:0} s. Nothing was sent, and the endpoint is not to blame.");
