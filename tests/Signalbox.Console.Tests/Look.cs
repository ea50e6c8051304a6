namespace Signalbox.WebConsole.Tests;

/// <summary>A theme and a size in which a page is looked at.</summary>
public sealed record Look(string Name, bool IsDark, int Width, int Height)
{
    public static Look Light { get; } = new("light", false, 1360, 860);

    public static Look Dark { get; } = new("dark", true, 1360, 860);

    public static Look Phone { get; } = new("phone", false, 375, 780);

    /// <summary>Every page is checked in all of them.</summary>
    public static IReadOnlyList<Look> All { get; } = [Light, Dark, Phone];
}
