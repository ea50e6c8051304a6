namespace Signalbox.Events.Registrations;

/// <summary>An action or sequence of a user, as far as choosing one is concerned.</summary>
/// <param name="Name"><c>package/action</c>, or <c>action</c> in the default package: what <c>runtime_action</c> takes.</param>
/// <param name="Namespace">Where it stands.</param>
/// <param name="IsWeb">Web actions cannot be a registration's target.</param>
public sealed record RuntimeActionEntry(string Name, string Namespace, bool IsWeb);
