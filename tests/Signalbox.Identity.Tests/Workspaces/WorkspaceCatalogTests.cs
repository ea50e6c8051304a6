using Signalbox.Identity.Provisioning;
using Signalbox.Identity.Workspaces;
using Signalbox.Testing;

namespace Signalbox.Identity.Tests.Workspaces;

public sealed class WorkspaceCatalogTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Workspaces_are_found_by_a_part_of_any_of_their_names(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var provisioning = new IdentityProvisioning(
            test.Database, test.Secrets, new IdentityDirectory(test.Database, test.Secrets, new IdentityOptions()), test.Clock);
        var shop = await provisioning.CreateAsync(new NewWorkspace { OrganizationName = "Acme 100%", ProjectTitle = "Web shop" }, default);
        await provisioning.CreateAsync(new NewWorkspace { OrganizationName = "Other", ProjectTitle = "Mill" }, default);
        var catalog = new WorkspaceCatalog(test.Database);

        Assert.Equal(2, (await catalog.ListAsync(null, 10, default)).Count);
        Assert.Single(await catalog.ListAsync(null, 1, default));
        Assert.Equal("Web shop", Assert.Single(await catalog.ListAsync("SHOP", 10, default)).ProjectTitle);
        // What SQL reads as a pattern is text here.
        Assert.Single(await catalog.ListAsync("0%", 10, default));
        Assert.Empty(await catalog.ListAsync("_", 10, default));
        Assert.Equal("Acme 100%", (await catalog.FindAsync(shop.Workspace.WorkspaceId, default))!.OrganizationName);
        Assert.Null(await catalog.FindAsync(new WorkspaceId("1"), default));
    }
}
