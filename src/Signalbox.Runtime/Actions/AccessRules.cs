using Signalbox.Identity;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Packages;

namespace Signalbox.Runtime.Actions;

/// <summary>Who may read and run what (OpenWhisk behaviour, section 2.1).</summary>
internal static class AccessRules
{
    /// <summary>
    /// Why the caller may not read or invoke the action, or null. Published packages are open to all; a binding
    /// needs rights on itself and on its provider.
    /// </summary>
    public static Refusal? FindObjection(NamespaceIdentity caller, ResolvedAction resolved) =>
        IsOpenTo(caller, resolved.Action.Name.Namespace, resolved.Package)
        && (resolved.Binding is null || IsOpenTo(caller, resolved.Binding.Name.Namespace, resolved.Binding))
            ? null
            : Refusal.Forbidden(resolved.Requested.Path);

    public static bool IsOpenTo(NamespaceIdentity caller, string owner, PackageEntity? package) =>
        owner == caller.Name || package is { Publish: true };
}
