using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.SystemActions;

/// <summary>An action of this server's own, in C#, in process. It leaves activations like any other.</summary>
internal interface ISystemAction
{
    /// <summary>In a system namespace and a package, such as <c>whisk.system/utils/echo</c>.</summary>
    EntityName Name { get; }

    /// <summary>What it does, for whoever lists it.</summary>
    string Description { get; }

    /// <summary>Answers one call. An exception becomes a developer error of the activation.</summary>
    Task<SystemActionResult> RunAsync(SystemActionCall call, CancellationToken cancellationToken);
}
