namespace Signalbox.Events.Delivery;

/// <summary>An attempt was made, and its outcome could not be kept.</summary>
internal sealed class OutcomeUnkeptException(DateTimeOffset? notBefore, Exception innerException)
    : Exception("The outcome of an attempt could not be kept.", innerException)
{
    /// <summary>The endpoint asked not to be called before; that holds whatever became of the outcome.</summary>
    public DateTimeOffset? NotBefore => notBefore;
}
