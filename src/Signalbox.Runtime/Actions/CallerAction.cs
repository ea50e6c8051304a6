using Signalbox.Identity;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.Actions;

/// <summary>An action as the sandboxes run it for one caller, made once for all its activations.</summary>
/// <param name="Context">The variables that each activation finds; see <see cref="SandboxRequest.Context"/>.</param>
internal sealed record CallerAction(NamespaceIdentity Caller, SandboxedAction Action, IReadOnlyDictionary<string, string> Context);
