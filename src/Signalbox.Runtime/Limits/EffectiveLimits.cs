namespace Signalbox.Runtime.Limits;

/// <summary>The limits in force: the profile's (OpenWhisk behaviour, section 7), with the options' overrides.</summary>
internal sealed record EffectiveLimits
{
    public const int ListLimitDefault = 30;
    public const int ActionTimeoutMsMin = 100;
    public const int ActionTimeoutMsDefault = 60_000;
    public const int ActionMemoryMbMin = 128;
    public const int ActionMemoryMbDefault = 256;
    public const int ActionLogsMbMin = 0;
    public const int ActionLogsMbMax = 10;
    public const int ActionLogsMbDefault = 10;
    public const int ActionConcurrencyMin = 1;
    public const int ParameterBytesMax = 1024 * 1024;
    public const int RequestBytesMax = 50 * 1024 * 1024;

    /// <summary>What stands around an event on its way to an action: its delivery's headers, and members that the service adds.</summary>
    private const int EnvelopeBytesMax = 64 * 1024;

    public required int InvocationsPerMinute { get; init; }

    public required int ConcurrentInvocations { get; init; }

    public required int FiresPerMinute { get; init; }

    public required int ListLimitMax { get; init; }

    public required int ActionTimeoutMsMax { get; init; }

    public required int ActionMemoryMbMax { get; init; }

    public required int ActionConcurrencyMax { get; init; }

    public required int ActionConcurrencyDefault { get; init; }

    public required int CodeBytesMax { get; init; }

    public required int SequenceLengthMax { get; init; }

    public required int PayloadBytesMax { get; init; }

    /// <summary>
    /// Bytes of a delivery to an event handler, and of what a system action hands on of it: an event as large as a payload may
    /// be reaches its action.
    /// </summary>
    public int DeliveryBytesMax => PayloadBytesMax + EnvelopeBytesMax;

    public static EffectiveLimits From(RuntimeOptions options)
    {
        var adobe = options.Profile == RuntimeProfile.Adobe;
        var timeoutMax = options.ActionTimeoutMax ?? (adobe ? TimeSpan.FromHours(3) : TimeSpan.FromMinutes(5));
        return new EffectiveLimits
        {
            InvocationsPerMinute = options.InvocationsPerMinute ?? (adobe ? 6_000 : 60),
            ConcurrentInvocations = options.ConcurrentInvocations ?? (adobe ? 100 : 30),
            FiresPerMinute = adobe ? 600 : 60,
            ListLimitMax = options.ListLimitMax ?? (adobe ? 50 : 200),
            ActionTimeoutMsMax = (int)timeoutMax.TotalMilliseconds,
            ActionMemoryMbMax = options.ActionMemoryMbMax ?? (adobe ? 4_096 : 512),
            ActionConcurrencyMax = options.ActionConcurrencyMax ?? (adobe ? 500 : 1),
            ActionConcurrencyDefault = options.ActionConcurrencyDefault ?? (adobe ? 200 : 1),
            CodeBytesMax = options.CodeBytesMax ?? ((adobe ? 22 : 48) * 1024 * 1024),
            SequenceLengthMax = options.SequenceLengthMax,
            PayloadBytesMax = options.PayloadBytesMax,
        };
    }
}
