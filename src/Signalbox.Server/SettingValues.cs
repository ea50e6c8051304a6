using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Signalbox.Server;

/// <summary>
/// Looks at each value of a section before it is bound, by the type of the property that it is for: the binder would name the
/// type alone, and take 7 for seven days where seven seconds were meant.
/// </summary>
internal static partial class SettingValues
{
    public const string HowToWriteTimes = "Times are written hh:mm:ss or d.hh:mm:ss: 30 seconds are 00:00:30, 7 days are 7.00:00:00.";

    /// <exception cref="SettingsException">A value that cannot be read; the message says how to write it.</exception>
    public static void Check(IConfiguration section, Type options)
    {
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            var setting = section.GetSection(property.Name);
            if (setting.Value is { } value && Explain(type, value) is { } advice)
            {
                throw new SettingsException($"{setting.Path} is '{value}'. {advice}");
            }

            // Sections within, such as Events:ClientCertificate; lists and dictionaries are left to the binder.
            if (setting.Value is null && type.IsClass && type.Assembly != typeof(object).Assembly && setting.GetChildren().Any())
            {
                Check(setting, type);
            }
        }
    }

    private static string? Explain(Type type, string value) => type switch
    {
        _ when type == typeof(TimeSpan) => value == "0" || TimeShape.IsMatch(value) ? null : HowToWriteTimes,
        { IsEnum: true } => Enum.GetNames(type).Contains(value, StringComparer.OrdinalIgnoreCase) ? null : $"It must be one of {string.Join(", ", Enum.GetNames(type))}.",
        _ when type == typeof(bool) => bool.TryParse(value, out _) ? null : "It must be true or false.",
        _ when type == typeof(int) => int.TryParse(value, CultureInfo.InvariantCulture, out _) ? null : "It must be a whole number.",
        _ when type == typeof(long) => long.TryParse(value, CultureInfo.InvariantCulture, out _) ? null : "It must be a whole number.",
        _ when type == typeof(double) => double.TryParse(value, CultureInfo.InvariantCulture, out _) ? null : "It must be a number, such as 1.5.",
        _ => null,
    };

    [GeneratedRegex(@"^-?(\d+\.)?([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,7})?)?$")]
    private static partial Regex TimeShape { get; }
}
