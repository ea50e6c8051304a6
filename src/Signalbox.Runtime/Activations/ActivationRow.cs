namespace Signalbox.Runtime.Activations;

/// <summary>One row of <c>runtime_activations</c>.</summary>
internal sealed class ActivationRow
{
    public string Id { get; init; } = "";
    public string Namespace { get; init; } = "";
    public string Package { get; init; } = "";
    public string Name { get; init; } = "";
    public string Version { get; init; } = "";
    public string Subject { get; init; } = "";
    public string? Cause { get; init; }
    public long StartMs { get; init; }
    public long EndMs { get; init; }
    public long DurationMs { get; init; }
    public int Status { get; init; }
    public int ResultSize { get; init; }
    public byte[] Result { get; init; } = [];
    public byte[] Logs { get; init; } = [];
    public byte[] Annotations { get; init; } = [];

    public Activation ToActivation() => new()
    {
        Id = Id,
        Namespace = Namespace,
        Package = Package.Length == 0 ? null : Package,
        Name = Name,
        Version = Version,
        Subject = Subject,
        Cause = Cause,
        StartMs = StartMs,
        EndMs = EndMs,
        DurationMs = DurationMs,
        Status = (ActivationStatus)Status,
        ResultSize = ResultSize,
        Result = Result,
        Logs = Logs,
        Annotations = Annotations,
    };
}
