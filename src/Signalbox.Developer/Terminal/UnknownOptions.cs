using System.CommandLine;

namespace Signalbox.Developer.Terminal;

/// <summary>Refuses an option that a command does not have, where it would be taken for an argument: an id, say.</summary>
internal static class UnknownOptions
{
    /// <summary>Sees to it for a command and those below it.</summary>
    public static void Refuse(Command command)
    {
        foreach (var argument in command.Arguments)
        {
            argument.Validators.Add(given =>
            {
                foreach (var token in given.Tokens.Where(token => IsOption(token.Value)))
                {
                    given.AddError($"There is no option '{Screen.Harmless(token.Value)}' here. --help names those there are.");
                }
            });
        }

        foreach (var below in command.Subcommands)
        {
            Refuse(below);
        }
    }

    private static bool IsOption(string value) => value is ['-', '-', _, ..] or ['-', not '-'];
}
