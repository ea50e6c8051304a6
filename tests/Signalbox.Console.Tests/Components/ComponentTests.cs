using Signalbox.Identity;
using Signalbox.WebConsole.Components;
using Signalbox.WebConsole.Shell;

namespace Signalbox.WebConsole.Tests.Components;

public sealed class ComponentTests
{
    [Theory]
    [InlineData(0, "now")]
    [InlineData(42, "42 s ago")]
    [InlineData(119, "1 min ago")]
    [InlineData(7200, "2 h ago")]
    [InlineData(-7200, "in 2 h")]
    [InlineData(86400 * 3, "3 d ago")]
    [InlineData(86400 * 90, "3 months ago")]
    public void Times_are_told_in_one_unit(int seconds, string expected) => Assert.Equal(expected, Timestamp.Relative(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Json_is_formatted_without_changing_its_numbers_and_other_text_stays()
    {
        Assert.Equal("{\n  \"a\": 1.00,\n  \"b\": \"<é>\"\n}", JsonView.Format("""{"a":1.00,"b":"<é>"}""").ReplaceLineEndings("\n"));
        Assert.Equal("no json {", JsonView.Format("no json {"));
    }

    [Theory]
    [InlineData("w/4711/registrations?name=x", "4711")]
    [InlineData("w/4711", "4711")]
    [InlineData("w/", null)]
    [InlineData("users", null)]
    public void The_workspace_is_the_one_that_the_address_names(string path, string? expected) =>
        Assert.Equal(expected is null ? null : new WorkspaceId(expected), WorkspaceScope.NamedId(path));

    [Fact]
    public void Each_page_of_the_rail_has_a_shortcut_of_its_own() =>
        Assert.Equal(Destination.All.Count, Destination.All.Select(d => d.Key).Distinct().Count());
}
