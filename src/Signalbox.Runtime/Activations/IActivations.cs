namespace Signalbox.Runtime.Activations;

/// <summary>A namespace's activation records, for reading.</summary>
public interface IActivations
{
    /// <summary>A page of records, newest start first. What has ended before the call is in it.</summary>
    Task<ActivationListing> ListAsync(string @namespace, ActivationQuery query, CancellationToken cancellationToken);

    /// <summary>One record; null when there is none (any more), or when it is of another namespace.</summary>
    Task<ActivationRecord?> FindAsync(string @namespace, string id, CancellationToken cancellationToken);
}
