using Signalbox.Identity;
using Signalbox.Runtime.Namespaces;

namespace Signalbox.Runtime.Tests;

/// <summary>Two namespaces, <c>guest</c> and <c>other</c>.</summary>
internal sealed class FakeNamespaces : INamespaceDirectory
{
    public static NamespaceIdentity Guest { get; } = Make("guest", 1);

    public static NamespaceIdentity Other { get; } = Make("other", 2);

    public ValueTask<NamespaceIdentity?> AuthenticateAsync(Guid uuid, string key, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new[] { Guest, Other }.FirstOrDefault(known => known.Uuid == uuid && known.Key == key));

    public ValueTask<NamespaceIdentity?> FindAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new[] { Guest, Other }.FirstOrDefault(known => known.Name == name));

    private static NamespaceIdentity Make(string name, int number) => new()
    {
        Name = name,
        Uuid = new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]),
        Key = new string((char)('a' + number), 64),
        Workspace = null,
    };
}
