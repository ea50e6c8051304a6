namespace Signalbox.Events.Egress;

/// <summary>The operator's forward proxy cannot be used. It says nothing of the target.</summary>
internal sealed class EgressProxyException(string message)
    : IOException($"{message} Nothing was sent, and the endpoint is not to blame.");
