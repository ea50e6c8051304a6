using System.Net;
using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Shell;

/// <summary>Addresses that no page of the console made: typed, cut off, or of somebody else's workspace.</summary>
public sealed class AddressTests(RunningConsole console)
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

    [Fact]
    public async Task What_belongs_to_one_workspace_is_not_found_in_another_and_nothing_of_it_is_shown()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterJournalAsync();
        await using var open = await console.OpenAsync(console.Url + "projects/new");
        await open.Page.GetByLabel("Title").FillAsync("other" + Guid.NewGuid().ToString("N")[..8]);
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Create project" }).ClickAsync();
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Stage" }).ClickAsync();
        await Assertions.Expect(open.Page.GetByText("No namespace yet")).ToBeVisibleAsync();
        var other = open.Page.Url[..(open.Page.Url.LastIndexOf('/') + 1)];

        var path = $"registrations/{registration.Id}";
        var credential = console.Client.Console.CredentialId;
        foreach (var (page, secret) in new[]
        {
            (path, registration.Name), ($"{path}/tracing", registration.Name), ($"{path}/filtering", registration.Name), ($"{path}/journal", registration.Name),
            ($"{path}/replay", registration.Name), ($"{path}/edit", registration.Name), ($"{path}/saved", registration.Name),
            ($"credentials/{credential}", console.Client.Console.ClientId),
        })
        {
            var (found, own) = await console.ReadAsync(console.WorkspaceUrl(page));
            Assert.Equal(HttpStatusCode.OK, found);
            Assert.Contains(secret, own, StringComparison.Ordinal);
            var (status, html) = await console.ReadAsync(other + page);
            Assert.Equal(HttpStatusCode.NotFound, status);
            Assert.Contains("There is nothing here", html, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, html, StringComparison.Ordinal);
        }

        // So it is for a page that is open already.
        await open.Page.EvaluateAsync("url => Blazor.navigateTo(url)", other + path);
        await Assertions.Expect(open.Page.GetByText("There is nothing here")).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.GetByText(registration.Name)).ToHaveCountAsync(0);
    }
}
