using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.SystemActions;

/// <summary><c>/whisk.system/utils/echo</c>: answers its arguments.</summary>
internal sealed class EchoAction : ISystemAction
{
    public EntityName Name { get; } = new("whisk.system", "utils", "echo");

    public string Description => "Returns the input";

    public Task<SystemActionResult> RunAsync(SystemActionCall call, CancellationToken cancellationToken) =>
        Task.FromResult(new SystemActionResult(call.Arguments, IsError: false));
}
