namespace Signalbox.Sandbox;

/// <summary>One activation of a <see cref="SandboxedAction"/>.</summary>
public sealed record SandboxRequest
{
    /// <summary>32 lower-case hex digits.</summary>
    public required string ActivationId { get; init; }

    /// <summary>The arguments: one JSON object in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Arguments { get; init; }

    /// <summary>
    /// What each activation of the action finds in <c>__OW_</c> variables: <c>namespace</c>, <c>action_name</c>,
    /// <c>action_version</c>, <c>api_key</c> … (names as in the run request of OpenWhisk's runtime protocol). Pass the
    /// same object each time: it is then written once.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Context { get; init; }

    /// <summary>The request that led here, for <c>__OW_TRANSACTION_ID</c>; or null.</summary>
    public string? TransactionId { get; init; }

    /// <summary>The W3C trace context to hand on, or null.</summary>
    public string? TraceParent { get; init; }

    /// <summary>
    /// The activation ends when the code is loaded, and nothing of it is called: for who wants to know whether it loads.
    /// The answer of one that does is empty.
    /// </summary>
    public bool LoadsOnly { get; init; }

    /// <summary>Hears of each line as it is printed; null: nobody.</summary>
    public ILogListener? LogListener { get; init; }
}
