using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Actions;

/// <summary>An action without its code and parameters.</summary>
public record ActionSummary
{
    public required EntityName Name { get; init; }

    public required string Version { get; init; }

    /// <summary>Such as <c>nodejs:20</c>, or <c>sequence</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Anybody may call it by its URL.</summary>
    public required bool IsWeb { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>Megabytes.</summary>
    public required int MemoryMb { get; init; }

    /// <summary>Megabytes of log an activation.</summary>
    public required int LogsMb { get; init; }

    /// <summary>Activations that may share a process.</summary>
    public required int Concurrency { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Signalbox made it for a registration: it is changed by editing that registration.</summary>
    public required bool IsHandler { get; init; }

    public bool IsSequence => Kind == ActionExec.SequenceKind;

    /// <summary><c>package/name</c>, or <c>name</c> in the default package.</summary>
    public string Title => Name.Package is { } package ? $"{package}/{Name.Name}" : Name.Name;
}
