using System.Globalization;

namespace Signalbox.Runtime.Activations;

/// <summary>The place of an activation in the order of the list.</summary>
public readonly record struct ActivationCursor(long StartMs, string Id)
{
    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    public static ActivationCursor? Parse(string? text) =>
        text?.Split('-') is [var start, { Length: 32 } id] && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var startMs)
            ? new ActivationCursor(startMs, id)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{StartMs}-{Id}");
}
