using System.Runtime.CompilerServices;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime;

/// <summary>Which upstream decides where the two differ.</summary>
public enum RuntimeProfile
{
    Adobe,
    OpenWhisk,
}

/// <summary>
/// Settings of the runtime room. Bound from the configuration section <c>Runtime</c>. A limit that is null takes the
/// profile's value (OpenWhisk behaviour, section 7).
/// </summary>
public sealed record RuntimeOptions
{
    public RuntimeProfile Profile { get; init; } = RuntimeProfile.Adobe;

    /// <summary>The URL that actions reach this server by, without a slash at the end.</summary>
    public required Func<Uri> ApiHost { get; init; }

    /// <summary>The only host that the signature validator fetches public keys from.</summary>
    public required Func<Uri> PublicKeyHost { get; init; }

    /// <summary>Invocations that a namespace may start in one wall-clock minute.</summary>
    public int? InvocationsPerMinute { get; init; }

    /// <summary>Activations of a namespace that may run at once.</summary>
    public int? ConcurrentInvocations { get; init; }

    /// <summary>Entities that one list call returns at most.</summary>
    public int? ListLimitMax { get; init; }

    /// <summary>The longest timeout that an action may ask for.</summary>
    public TimeSpan? ActionTimeoutMax { get; init; }

    /// <summary>The largest memory that an action may ask for, in MB.</summary>
    public int? ActionMemoryMbMax { get; init; }

    /// <summary>The largest number of activations that one process of an action may run at once.</summary>
    public int? ActionConcurrencyMax { get; init; }

    /// <summary>That number when the action does not say.</summary>
    public int? ActionConcurrencyDefault { get; init; }

    /// <summary>The largest code of an action, in bytes.</summary>
    public int? CodeBytesMax { get; init; }

    /// <summary>Atomic actions of a sequence, nested ones counted.</summary>
    public int SequenceLengthMax { get; init; } = 50;

    /// <summary>The largest payload and result, in bytes.</summary>
    public int PayloadBytesMax { get; init; } = 1024 * 1024;

    /// <summary>
    /// How long a request's body may take to come, for each MiB that it may be large (and at least one); later is 408.
    /// </summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bodies of one namespace that may be coming at once, those not counted that came with their head; more get 429.</summary>
    public int BodiesPerNamespaceMax { get; init; } = 1_000;

    /// <summary>Memory of all bodies that are coming, in MB; one namespace may fill half of it. More get 503.</summary>
    public int BodyMemoryMb { get; init; } = 512;

    /// <summary>How long a blocking call waits before it is answered 202.</summary>
    public TimeSpan BlockingWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Activations in flight in the whole server; more are refused with 503.</summary>
    public int InFlightMax { get; init; } = 20_000;

    /// <summary>Readers that may watch the logs of one namespace at once; more get 429.</summary>
    public int LogStreamsPerNamespaceMax { get; init; } = 20;

    /// <summary>Entries that wait for one reader of a log stream; what comes beyond is lost to it, and counted.</summary>
    public int LogStreamQueueLength { get; init; } = 1_000;

    /// <summary>How long activation records are kept.</summary>
    public TimeSpan ActivationRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Whether successful blocking activations are stored. True in both profiles: activations that vanish are what
    /// users of the hosted service complain about most.
    /// </summary>
    public bool StoreBlockingSuccesses { get; init; } = true;

    /// <exception cref="FormatException">A number or a time is outside its range; the message names it.</exception>
    public void Validate()
    {
        CheckLimit(InvocationsPerMinute);
        CheckLimit(ConcurrentInvocations);
        CheckLimit(ListLimitMax);
        Check(ActionTimeoutMax ?? TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), nameof(ActionTimeoutMax));
        CheckLimit(ActionMemoryMbMax);
        CheckLimit(ActionConcurrencyMax);
        Check(ActionConcurrencyDefault ?? 1, 1, ActionConcurrencyMax ?? int.MaxValue, nameof(ActionConcurrencyDefault));
        CheckLimit(CodeBytesMax);
        CheckLimit(SequenceLengthMax);
        CheckLimit(PayloadBytesMax);
        Check(BodyTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        CheckLimit(BodiesPerNamespaceMax);
        Check(BodyMemoryMb, BodyMemoryMbMin, int.MaxValue);
        Check(BlockingWait, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        CheckLimit(InFlightMax);
        CheckLimit(LogStreamsPerNamespaceMax);
        CheckLimit(LogStreamQueueLength);
        Check(ActivationRetention, TimeSpan.FromSeconds(1), TimeSpan.FromDays(3_650));
    }

    /// <summary>Twice the largest body.</summary>
    private int BodyMemoryMbMin => 2 * (1 + (Math.Max(PayloadBytesMax, EffectiveLimits.RequestBytesMax) >> 20));

    private static void CheckLimit(int? value, [CallerArgumentExpression(nameof(value))] string name = "") => Check(value ?? 1, 1, int.MaxValue, name);

    private static void Check<T>(T value, T min, T max, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            throw new FormatException($"Runtime:{name} is {value}. It must be from {min} to {max}.");
        }
    }
}
