namespace Signalbox.Events.Delivery;

/// <summary>How an attempt ended, as far as what follows depends on it (events behaviour, section 7.4).</summary>
public abstract record AttemptOutcome
{
    private AttemptOutcome(int code) => Code = code;

    /// <summary>The HTTP status, or a 6xx code when there was no HTTP response.</summary>
    public int Code { get; }

    /// <summary>As metrics name it: <c>delivered</c>, <c>rejected</c> or <c>failed</c>.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// The endpoint cannot follow or cannot be reached: 429, 502, 503, 504 and the 6xx codes, timeouts among them. A 500 may
    /// be the fault of one event.
    /// </summary>
    public bool IsOverload => Code is 429 or 502 or 503 or 504 or >= 600;

    /// <summary>Retried are 429, 500 to 599 except 505, and the 6xx codes; redirects are not followed and not retried.</summary>
    public static AttemptOutcome FromCode(int code) => code switch
    {
        >= 200 and <= 299 => new Delivered(code),
        429 => new Failed(code),
        505 => new Rejected(code),
        >= 500 and <= 699 => new Failed(code),
        _ => new Rejected(code),
    };

    /// <summary>The endpoint took it.</summary>
    public sealed record Delivered : AttemptOutcome
    {
        internal Delivered(int code)
            : base(code)
        {
        }

        public override string Name => "delivered";
    }

    /// <summary>The endpoint said no, for good.</summary>
    public sealed record Rejected : AttemptOutcome
    {
        internal Rejected(int code)
            : base(code)
        {
        }

        public override string Name => "rejected";
    }

    /// <summary>It may go better another time.</summary>
    public sealed record Failed : AttemptOutcome
    {
        internal Failed(int code)
            : base(code)
        {
        }

        public override string Name => "failed";
    }
}
