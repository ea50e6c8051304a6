using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.Namespaces;

/// <summary>
/// <c>GET /runtime/namespaces/{ns}/logForwarding</c>: logs stay here. <c>aio rt activation logs</c> asks this before
/// anything else (clients, section 2.2).
/// </summary>
internal static class LogForwarding
{
    public static Task<Reply> ServeAsync(RuntimeCall call, string ns)
    {
        if (call.Namespace(ns).IsRefused(out var refusal, out var place))
        {
            return Task.FromResult<Reply>(refusal);
        }

        return Task.FromResult(
            place.Namespace != call.Caller.Name ? Refusal.Forbidden(place.Namespace)
            : call.Method != "GET" ? Refusal.NotBuilt("Settings of log forwarding")
            : Reply.Ok(writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartObject("adobe_io_runtime");
                writer.WriteEndObject();
                writer.WriteEndObject();
            }));
    }
}
