using MudBlazor;

namespace Signalbox.WebConsole.Theme;

/// <summary>
/// The light palette, type and shape of the component library's parts. The dark palette is in <c>console.css</c>, by
/// <c>html[data-theme=dark]</c>, so that switching needs no server and the first paint is right.
/// </summary>
internal static class SignalboxTheme
{
    private static readonly string[] _sans = ["Inter", "system-ui", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#14344D",
            PrimaryContrastText = "#FFFFFF",
            Secondary = "#8A5A00",
            Tertiary = "#0B5C8F",
            Info = "#0B5C8F",
            Success = "#11703F",
            Warning = "#8A5A00",
            Error = "#B3261E",
            Dark = "#0E1A26",
            TextPrimary = "#14202E",
            TextSecondary = "#51606F",
            TextDisabled = "#6B7885",
            ActionDefault = "#51606F",
            Background = "#F5F7F9",
            Surface = "#FFFFFF",
            LinesDefault = "#DDE3E9",
            LinesInputs = "#7C8996",
            TableLines = "#E6EAEE",
            Divider = "#DDE3E9",
            OverlayDark = "rgba(10,20,30,0.55)",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = _sans, FontSize = "0.875rem", LineHeight = "1.5" },
            Button = new ButtonTypography { FontFamily = _sans, FontSize = "0.875rem", FontWeight = "600", TextTransform = "none", LetterSpacing = "0" },
            Body1 = new Body1Typography { FontFamily = _sans, FontSize = "0.875rem", LineHeight = "1.5" },
            Body2 = new Body2Typography { FontFamily = _sans, FontSize = "0.8125rem", LineHeight = "1.5" },
            H6 = new H6Typography { FontFamily = _sans, FontSize = "1.0625rem", FontWeight = "650" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px" },
    };
}
