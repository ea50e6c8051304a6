namespace Signalbox.Events.Delivery;

/// <summary>The deliveries of one registration that are in memory. Guarded by the dispatcher's lock.</summary>
internal sealed class Lane(long registrationKey, int window)
{
    public long RegistrationKey { get; } = registrationKey;

    /// <summary>Attempts that may run at once. Fixed today; an adaptive window changes it here.</summary>
    public int Window { get; } = window;

    public Queue<OwedDelivery> Waiting { get; } = new();

    public int InFlight { get; set; }

    public int Held => Waiting.Count + InFlight;

    /// <summary>The table may hold due rows that memory does not.</summary>
    public bool HasMore { get; set; }

    /// <summary>A read of the table for this lane was asked for and has not come back.</summary>
    public bool IsRefilling { get; set; }

    /// <summary>Stands in the dispatcher's round.</summary>
    public bool IsInRound { get; set; }

    /// <summary>
    /// What ended while a read was under way: the read may have seen those rows before they went, and must not bring
    /// them back.
    /// </summary>
    public HashSet<long> EndedWhileRefilling { get; } = [];

    public bool CanStart => Waiting.Count > 0 && InFlight < Window;

    public bool IsIdle => Held == 0 && !HasMore && !IsRefilling;
}
