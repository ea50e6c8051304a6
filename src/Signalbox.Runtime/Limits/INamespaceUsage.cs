namespace Signalbox.Runtime.Limits;

/// <summary>What a namespace uses of what it may.</summary>
public interface INamespaceUsage
{
    NamespaceUsage Read(string @namespace);
}
