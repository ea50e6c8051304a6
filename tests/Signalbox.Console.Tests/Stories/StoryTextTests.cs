using Signalbox.WebConsole.Stories;

namespace Signalbox.WebConsole.Tests.Stories;

public sealed class StoryTextTests
{
    [Theory]
    [InlineData("Retry 6 is due at 2026-11-30T02:33:08Z.", "Retry 6 is due at 2026/11/30 02:33:08 UTC.")]
    [InlineData(
        "Nothing by itself: it is a dead letter (endpoint_rejected), kept until 2026-12-07T01:47:57Z. The journal has it.",
        "Nothing by itself: it is a dead letter (endpoint refused), kept until 2026/12/07 01:47:57 UTC. The journal has it.")]
    [InlineData("Waits until 2026-12-07T01:47:57Z: its endpoint asked for a pause (Retry-After).", "Waits until 2026/12/07 01:47:57 UTC: its endpoint asked for a pause (Retry-After).")]
    [InlineData("It goes on (slowly).", "It goes on (slowly).")]
    public void The_sentences_of_a_story_have_the_times_and_reasons_of_the_console(string told, string shown) =>
        Assert.Equal(shown, StoryText.Show(told));
}
