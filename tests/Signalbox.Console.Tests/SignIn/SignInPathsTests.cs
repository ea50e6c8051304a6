using Signalbox.WebConsole.SignIn;

namespace Signalbox.WebConsole.Tests.SignIn;

public sealed class SignInPathsTests
{
    [Theory]
    [InlineData("/console/w/4711/registrations?status=Active", "/console/w/4711/registrations?status=Active")]
    [InlineData("/console/", "/console/")]
    [InlineData(null, "/console/")]
    [InlineData("https://evil.example.com/console/", "/console/")]
    [InlineData("//evil.example.com", "/console/")]
    [InlineData("/console//evil.example.com", "/console/")]
    [InlineData("/console/\\evil.example.com", "/console/")]
    [InlineData("/console/\tx", "/console/")]
    [InlineData("/consoles/", "/console/")]
    [InlineData("/admin/keys", "/console/")]
    public void Signing_in_leads_to_a_page_of_the_console_and_nowhere_else(string? asked, string expected) =>
        Assert.Equal(expected, SignInPaths.Safe(asked));
}
