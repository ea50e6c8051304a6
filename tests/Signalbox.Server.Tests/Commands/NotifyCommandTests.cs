using Signalbox.Server.Commands;

namespace Signalbox.Server.Tests.Commands;

public sealed class NotifyCommandTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--test false")]
    public void Nothing_is_sent_without_test(string arguments) =>
        Assert.StartsWith("Say --test", Assert.Single(NotifyCommand.Create().Parse(arguments).Errors).Message, StringComparison.Ordinal);

    [Fact]
    public void A_test_is_sent_with_it() => Assert.Empty(NotifyCommand.Create().Parse("--test").Errors);
}
