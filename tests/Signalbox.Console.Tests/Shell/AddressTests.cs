using System.Net;
using System.Text.RegularExpressions;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Shell;

/// <summary>Addresses that no page of the console made: typed, cut off, or of somebody else's workspace.</summary>
public sealed partial class AddressTests(RunningConsole console)
{
    [Theory]
    [InlineData("registrations?status=nonsense&before=abc")]
    [InlineData("registrations?status=7&after=-1")]
    [InlineData("registrations?before=99999999999999999999")]
    [InlineData("registrations/ID?events=abc")]
    [InlineData("registrations/ID?events=-7")]
    [InlineData("registrations/ID?events=2147483647")]
    [InlineData("registrations/ID/tracing?status=x&code=x&time=x&retries=x&before=x&after=x&trace=x")]
    [InlineData("registrations/ID/tracing?trace=9223372036854775807")]
    [InlineData("registrations/ID/journal?at=x&from=yesterday")]
    [InlineData("registrations/ID/journal?from=0001-01-01T00:00:00Z")]
    [InlineData("registrations/ID/journal?before=abc")]
    [InlineData("registrations/ID/journal?after=abc")]
    [InlineData("registrations/ID/replay?reason=99&before=abc&event=abc")]
    [InlineData("registrations/ID/edit?step=99")]
    [InlineData("add-event?step=abc&provider=abc")]
    [InlineData("providers?of=nonsense&before=abc")]
    [InlineData("providers?after=1.")]
    [InlineData("publish?provider=abc&code=abc")]
    [InlineData("credentials?add=perhaps")]
    [InlineData("actions?before=%2F%2F")]
    [InlineData("activations?ended=x&within=x&before=x&after=x")]
    [InlineData("/projects?before=abc&after=abc")]
    [InlineData("/audit?before=abc")]
    public async Task Nonsense_in_an_address_asks_for_nothing_and_the_page_is_shown(string address)
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterJournalAsync();
        var page = address.Replace("ID", registration.Id, StringComparison.Ordinal);

        var (status, html) = await console.ReadAsync(page.StartsWith('/') ? console.Url + page[1..] : console.WorkspaceUrl(page));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("This page broke", html, StringComparison.Ordinal);
        if (address.StartsWith("registrations", StringComparison.Ordinal))
        {
            // The first page, with no filter.
            Assert.Contains(registration.Name, html, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/tracing")]
    [InlineData("/filtering")]
    [InlineData("/journal")]
    [InlineData("/replay")]
    [InlineData("/edit")]
    [InlineData("/saved")]
    public async Task A_registration_is_not_found_in_another_workspace_and_nothing_of_it_is_shown(string tab)
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterJournalAsync();
        var (_, projects) = await console.ReadAsync(console.Url + "projects");
        var other = WorkspaceLink().Matches(projects).Select(link => link.Groups[1].Value).First(id => id != console.Server.Console.WorkspaceId);

        var (found, own) = await console.ReadAsync(console.WorkspaceUrl($"registrations/{registration.Id}{tab}"));
        var (status, html) = await console.ReadAsync($"{console.Url}w/{other}/registrations/{registration.Id}{tab}");

        Assert.Equal(HttpStatusCode.OK, found);
        Assert.Contains(registration.Name, own, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.DoesNotContain(registration.Name, html, StringComparison.Ordinal);
        Assert.Contains("There is nothing here", html, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"w/(\d+)/overview")]
    private static partial Regex WorkspaceLink();
}
