using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Tests.Terminal;

public sealed class ScreenTests
{
    [Theory]
    [InlineData("a\u001b[2Jb", "a·[2Jb"), InlineData("pay\u202eptth", "pay·ptth"), InlineData("\u2066a\u2069", "·a·"), InlineData("a\tb é 😀", "a\tb é 😀")]
    public void What_others_wrote_neither_steers_the_terminal_nor_turns_the_direction(string text, string shown) =>
        Assert.Equal(shown, Screen.Harmless(text));
}
