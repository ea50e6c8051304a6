using Signalbox.Server.Commands;

namespace Signalbox.Server.Tests.Commands;

public sealed class KeysCommandTests
{
    [Theory]
    [InlineData("3")]
    [InlineData("x")]
    public void A_slot_that_there_is_not_is_refused_with_those_there_are(string slot)
    {
        var refusals = KeysCommand.Create().Parse(["rotate", "--slot", slot]).Errors;

        Assert.Contains(refusals, refusal => refusal.Message.Contains("'2'", StringComparison.Ordinal));
        Assert.DoesNotContain(refusals, refusal => refusal.Message.Contains("System.", StringComparison.Ordinal));
    }
}
