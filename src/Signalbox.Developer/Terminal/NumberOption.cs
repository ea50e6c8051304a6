using System.CommandLine;
using System.Globalization;

namespace Signalbox.Developer.Terminal;

/// <summary>Options that take a whole number; another value is refused in words.</summary>
internal static class NumberOption
{
    public static Option<int?> Create(string name, string description, int min, int max) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = given =>
        {
            if (given.Tokens is not [var token])
            {
                return null;
            }

            if (int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            {
                return number;
            }

            given.AddError($"{name}: '{Screen.Harmless(token.Value)}' is not a number from {min} to {max}.");
            return null;
        },
    };
}
