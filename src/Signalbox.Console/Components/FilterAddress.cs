using Microsoft.AspNetCore.Components;

namespace Signalbox.WebConsole.Components;

/// <summary>The address of a list with another filter.</summary>
internal static class FilterAddress
{
    /// <summary>The present address with the filter; it leads to the first page, because the keys of pages belong to the old filter.</summary>
    public static string With(NavigationManager navigation, string parameter, string? value) =>
        navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
        {
            [parameter] = string.IsNullOrWhiteSpace(value) ? null : value.Trim(),
            ["before"] = null,
            ["after"] = null,
        });
}
