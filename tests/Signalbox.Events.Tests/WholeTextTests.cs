namespace Signalbox.Events.Tests;

public sealed class WholeTextTests
{
    [Theory]
    [InlineData("a\r\nb", "a  b"), InlineData("a\u2028b", "a b"), InlineData("pay\u202eptth", "pay ptth"), InlineData("é 😀", "é 😀")]
    public void One_line_has_nothing_that_a_log_or_a_terminal_obeys(string text, string line) => Assert.Equal(line, WholeText.OneLine(text, text.Length));

    [Fact]
    public void A_text_is_cut_between_characters() => Assert.Equal("a", WholeText.Cut("a😀", 2));
}
