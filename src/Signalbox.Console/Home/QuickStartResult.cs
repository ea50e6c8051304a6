namespace Signalbox.WebConsole.Home;

/// <summary>What the quick start made.</summary>
internal sealed record QuickStartResult(string Name, string RegistrationId, string ProviderId, Guid EventId);
