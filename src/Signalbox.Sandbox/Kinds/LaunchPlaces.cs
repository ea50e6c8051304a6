using System.Globalization;

namespace Signalbox.Sandbox.Kinds;

/// <summary>What a manifest's command line and variables may name in braces.</summary>
internal sealed record LaunchPlaces
{
    private const int HeapReserveMb = 80;

    /// <summary><c>{interpreter}</c></summary>
    public required string Interpreter { get; init; }

    /// <summary><c>{launcher}</c>: the kind's folder.</summary>
    public required string Launcher { get; init; }

    /// <summary><c>{code}</c>: the action's folder.</summary>
    public required string Code { get; init; }

    /// <summary><c>{socket}</c></summary>
    public string Socket { get; init; } = "";

    /// <summary>
    /// <c>{memoryMb}</c>, and <c>{heapMb}</c>: the part of it that a garbage-collected heap may take;
    /// <c>{heapBytesHex}</c>: the same in bytes, hexadecimal.
    /// </summary>
    public required int MemoryMb { get; init; }

    public IReadOnlyList<string> Fill(IReadOnlyList<string> templates) => [.. templates.Select(Fill)];

    /// <summary>The heap is kept below the limit, so that most code meets its runtime's own end, which says what happened.</summary>
    public string Fill(string template) => template
        .Replace("{interpreter}", Interpreter, StringComparison.Ordinal)
        .Replace("{launcher}", Launcher, StringComparison.Ordinal)
        .Replace("{code}", Code, StringComparison.Ordinal)
        .Replace("{socket}", Socket, StringComparison.Ordinal)
        .Replace("{memoryMb}", MemoryMb.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{heapMb}", HeapMb.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{heapBytesHex}", (HeapMb * 1024L * 1024).ToString("X", CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private int HeapMb => Math.Max(MemoryMb * 5 / 8, MemoryMb - HeapReserveMb);
}
