using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Signalbox.Developer.Terminal;

/// <summary>The help of a command below one that has arguments, without those: they are not given before it.</summary>
internal sealed class OwnHelp : SynchronousCommandLineAction
{
    private readonly HelpAction _help = new();

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        foreach (var argument in parseResult.CommandResult.Command.Parents.OfType<Command>().SelectMany(above => above.Arguments))
        {
            argument.Hidden = true;
        }

        return _help.Invoke(parseResult);
    }
}
