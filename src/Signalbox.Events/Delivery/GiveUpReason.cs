namespace Signalbox.Events.Delivery;

/// <summary>Why a delivery ended without success.</summary>
public enum GiveUpReason
{
    /// <summary>The endpoint answered with a code that is not retried.</summary>
    Rejected,

    /// <summary>No retry fits into the 24 hours after the first attempt.</summary>
    Expired,

    /// <summary>The endpoint asked not to be called before the 24 hours end.</summary>
    AskedTooLong,

    /// <summary>Its registration is one without push now.</summary>
    NotPushed,
}
