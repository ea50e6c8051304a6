namespace Signalbox.WebConsole.Components;

/// <summary>Ids in lists.</summary>
internal static class ShortId
{
    private const int Length = 8;

    /// <summary>The end of an id: ids begin with their time, so those of one moment differ there alone.</summary>
    public static string Of(string id) => id.Length > Length ? "…" + id[^Length..] : id;
}
