namespace Signalbox.Events.Providers;

/// <summary>Providers and their event types as every path needs them: from memory, as of the last committed change.</summary>
public interface IProviderDirectory
{
    /// <summary>The provider with that UUID, in any spelling, or null.</summary>
    ValueTask<Provider?> FindAsync(string providerId, CancellationToken cancellationToken);

    /// <inheritdoc cref="FindAsync(string, CancellationToken)"/>
    ValueTask<Provider?> FindAsync(Guid providerId, CancellationToken cancellationToken);
}
