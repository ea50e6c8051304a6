namespace Signalbox.Events.Registrations;

/// <summary>A registration's <c>webhook_status</c> (events behaviour, section 5.3).</summary>
public enum WebhookStatus
{
    /// <summary><c>verified</c>: shown as Active.</summary>
    Verified,

    /// <summary><c>accepted</c>: created, validation pending.</summary>
    Accepted,

    /// <summary><c>unstable</c>.</summary>
    Unstable,

    /// <summary><c>hook_unreachable</c>: shown as Disabled.</summary>
    HookUnreachable,

    /// <summary><c>verification_failed</c>: shown as Disabled.</summary>
    VerificationFailed,

    /// <summary><c>pending</c>: an Amazon EventBridge source that waits for its association.</summary>
    Pending,
}
