using System.Text.Json;
using Signalbox.Identity.Credentials;
using Signalbox.Identity.Projects;
using Signalbox.Identity.Provisioning;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Identity.Tests;

public sealed class ProjectServiceTests
{
    private static readonly CancellationToken _none = CancellationToken.None;

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_new_project_has_Production_and_Stage_and_is_found_again(TestEngine engine)
    {
        await using var house = new House(engine);
        var organization = await house.OrganizationAsync();

        var created = Value(await house.Projects.CreateAsync(
            organization.Id, new ProjectSettings { Name = "orders", Title = "Orders of the shop", Description = "Line 1\nLine 2" }, _none));

        Assert.Equal(["Production", "Stage"], created.Workspaces.Select(w => w.Name));
        var found = await house.Projects.FindAsync(created.Id, _none);
        Assert.Equal(created with { Workspaces = [] }, found! with { Workspaces = [] });
        Assert.Equal(created.Workspaces, found.Workspaces);
        Assert.Equal(("Orders of the shop", "Line 1\nLine 2", organization.Name), (found.Title, found.Description, found.OrganizationName));
        Assert.NotNull(await house.Directory.FindWorkspaceAsync(organization.Id, created.Id, created.Workspaces[1].Id, _none));
    }

    [Theory]
    [InlineData("", "Title", "name")]
    [InlineData("has space", "Title", "name")]
    [InlineData("way-too-dashed", "Title", "name")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaa", "Title", "name")]
    [InlineData("good", "", "title")]
    [InlineData("good", "   ", "title")]
    [InlineData("good", "What? No!", "title")]
    [InlineData("good", "0123456789012345678901234567890123456789012345", "title")]
    public async Task A_name_or_title_that_the_clients_would_refuse_is_refused_here(string name, string title, string field)
    {
        await using var house = new House(TestEngine.Sqlite);
        var organization = await house.OrganizationAsync();

        var refusal = Refusal(await house.Projects.CreateAsync(organization.Id, new ProjectSettings { Name = name, Title = title }, _none));

        Assert.Equal(field, refusal.Field);
        Assert.Empty((await house.Projects.ListAsync(new ProjectQuery(), _none)).Items);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Email_alerts_of_a_project_are_paused_until_they_are_resumed(TestEngine engine)
    {
        await using var house = new House(engine);
        var organization = await house.OrganizationAsync();
        var (quiet, loud) = (await house.ProjectAsync(organization, "quiet"), await house.ProjectAsync(organization, "loud"));

        Assert.True(Value(await house.Projects.PauseAlertsAsync(quiet.Id, paused: true, _none)).AlertsPaused);
        Assert.Equal([quiet.Id], await house.Projects.ListPausedAsync(organization.Id, _none));
        Assert.False((await house.Projects.FindAsync(loud.Id, _none))!.AlertsPaused);

        Assert.False(Value(await house.Projects.PauseAlertsAsync(quiet.Id, paused: false, _none)).AlertsPaused);
        Assert.Empty(await house.Projects.ListPausedAsync(organization.Id, _none));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_project_s_name_is_unique_in_its_organization_only_also_when_it_is_renamed(TestEngine engine)
    {
        await using var house = new House(engine);
        var (one, other) = (await house.OrganizationAsync(), await house.OrganizationAsync());
        var first = await house.ProjectAsync(one, "first");
        var second = await house.ProjectAsync(one, "second");

        Assert.Equal("name", Refusal(await house.Projects.CreateAsync(one.Id, new ProjectSettings { Name = "first", Title = "Again" }, _none)).Field);
        Assert.Equal("name", Refusal(await house.Projects.UpdateAsync(second.Id, new ProjectSettings { Name = "first", Title = "Again" }, _none)).Field);
        Assert.Equal("first", (await house.ProjectAsync(other, "first")).Name);
        var renamed = Value(await house.Projects.UpdateAsync(second.Id, new ProjectSettings { Name = "third", Title = "Third", Description = "d" }, _none));
        Assert.Equal(("third", "Third", "d", second.Id), (renamed.Name, renamed.Title, renamed.Description, renamed.Id));
        Assert.Contains("There is no project", Refusal(await house.Projects.UpdateAsync(new ProjectId("1"), new ProjectSettings { Name = "x", Title = "X" }, _none)).Message, StringComparison.Ordinal);
        Assert.NotNull(first);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Projects_are_listed_newest_first_page_by_page_there_and_back_also_those_of_one_moment(TestEngine engine)
    {
        await using var house = new House(engine);
        var organization = await house.OrganizationAsync();
        for (var i = 0; i < 7; i++)
        {
            await house.ProjectAsync(organization, $"p{i}");
            if (i % 2 == 0)
            {
                house.Test.Clock.Advance(TimeSpan.FromSeconds(1));
            }
        }

        var all = (await house.Projects.ListAsync(new ProjectQuery { Limit = 100 }, _none)).Items.Select(p => p.Name).ToList();
        var pages = new List<ProjectListing> { await house.Projects.ListAsync(new ProjectQuery { Limit = 3 }, _none) };
        while (pages[^1].HasOlder)
        {
            pages.Add(await house.Projects.ListAsync(new ProjectQuery { Limit = 3, OlderThan = pages[^1].Items[^1].Key }, _none));
        }

        Assert.Equal(7, all.Count);
        Assert.Equal(all, pages.SelectMany(p => p.Items).Select(p => p.Name));
        Assert.Equal([false, true, true], pages.Select(p => p.HasNewer));
        var back = await house.Projects.ListAsync(new ProjectQuery { Limit = 3, NewerThan = pages[1].Items[0].Key }, _none);
        Assert.Equal(pages[0].Items.Select(p => p.Name), back.Items.Select(p => p.Name));
        Assert.Equal((false, true), (back.HasNewer, back.HasOlder));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Projects_are_found_by_a_part_of_title_or_name_taken_literally(TestEngine engine)
    {
        await using var house = new House(engine);
        var organization = await house.OrganizationAsync();
        await house.ProjectAsync(organization, "alpha");
        await house.ProjectAsync(organization, "beta");

        async Task<string[]> FindAsync(string search) =>
            [.. (await house.Projects.ListAsync(new ProjectQuery { Search = search }, _none)).Items.Select(p => p.Name)];

        Assert.Equal(["alpha"], await FindAsync("LPH"));
        Assert.Empty(await FindAsync("a%a"));
        Assert.Empty(await FindAsync("_"));
        Assert.True((await house.Projects.ListAsync(new ProjectQuery { Search = "nothing" }, _none)).ServerHasAny);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_project_in_use_is_kept_and_an_empty_one_goes_with_its_credentials_at_once(TestEngine engine)
    {
        await using var house = new House(engine);
        var project = await house.ProjectAsync(await house.OrganizationAsync(), "orders");
        var stage = project.Workspaces[1].Id;
        var credential = Value(await house.Credentials.CreateAsync(stage, "Main", _none));
        var runtime = Value(await house.Runtime.AddAsync(stage, _none));
        var client = credential.Credential.ClientId;
        Assert.NotNull(await house.Directory.FindCredentialAsync(client, _none));
        Assert.NotNull(await house.Directory.AuthenticateAsync(runtime.Uuid, runtime.Key, _none));
        house.Contents.Kept[stage] = ["the following registrations: 'orders'"];

        var refusal = Refusal(await house.Projects.DeleteAsync(project.Id, _none));
        Assert.Equal(
            "This project can not be deleted. Its workspace Stage contains the following registrations: 'orders'. Please remove them and try to delete the project again.",
            refusal.Message);
        Assert.NotNull(await house.Directory.FindCredentialAsync(client, _none));

        house.Contents.Kept.Clear();
        Value(await house.Projects.DeleteAsync(project.Id, _none));

        Assert.Null(await house.Projects.FindAsync(project.Id, _none));
        Assert.Null(await house.Directory.FindWorkspaceAsync(project.OrganizationId, project.Id, stage, _none));
        Assert.Null(await house.Directory.FindCredentialAsync(client, _none));
        Assert.False(await house.Directory.AuthenticateClientAsync(client, credential.ClientSecret, _none));
        Assert.Null(await house.Directory.AuthenticateAsync(runtime.Uuid, runtime.Key, _none));
        Assert.Equal([runtime.Name], house.Contents.Removed);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Workspaces_are_added_and_deleted_but_Production_and_those_in_use_stay(TestEngine engine)
    {
        await using var house = new House(engine);
        var project = await house.ProjectAsync(await house.OrganizationAsync(), "orders");

        var added = Value(await house.Projects.CreateWorkspaceAsync(project.Id, "Dev2", _none));
        Assert.Equal("name", Refusal(await house.Projects.CreateWorkspaceAsync(project.Id, "dev2", _none)).Field);
        Assert.Equal("name", Refusal(await house.Projects.CreateWorkspaceAsync(project.Id, "my dev", _none)).Field);
        Assert.Contains("no project", Refusal(await house.Projects.CreateWorkspaceAsync(new ProjectId("1"), "Dev", _none)).Message, StringComparison.Ordinal);

        house.Contents.Kept[added.Id] = ["the following actions: 'a'"];
        Assert.Contains("'a'", Refusal(await house.Projects.DeleteWorkspaceAsync(added.Id, _none)).Message, StringComparison.Ordinal);
        house.Contents.Kept.Clear();
        Assert.Equal("Dev2", Value(await house.Projects.DeleteWorkspaceAsync(added.Id, _none)).Name);
        Assert.Contains("Production", Refusal(await house.Projects.DeleteWorkspaceAsync(project.Workspaces[0].Id, _none)).Message, StringComparison.Ordinal);
        Assert.Equal(["Production", "Stage"], (await house.Projects.FindAsync(project.Id, _none))!.Workspaces.Select(w => w.Name));
    }

    [Fact]
    public async Task The_workspace_of_the_first_start_stays_because_the_command_line_works_in_it()
    {
        await using var house = new House(TestEngine.Sqlite);
        var first = await new IdentityProvisioning(house.Test.Database, house.Test.Secrets, house.Directory, house.Test.Clock).EnsureFirstWorkspaceAsync(null, _none);

        Assert.Contains("signalbox env", Refusal(await house.Projects.DeleteWorkspaceAsync(first.Workspace.WorkspaceId, _none)).Message, StringComparison.Ordinal);
        Assert.Contains("signalbox env", Refusal(await house.Projects.DeleteAsync(first.Workspace.ProjectId, _none)).Message, StringComparison.Ordinal);
        Assert.Contains("signalbox env", Refusal(await house.Credentials.DeleteAsync(first.Workspace.WorkspaceId, first.Credential.Id, _none)).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_namespace_is_added_once_and_its_new_key_ends_the_old_one_at_once(TestEngine engine)
    {
        await using var house = new House(engine);
        var organization = await house.OrganizationAsync();
        var stage = (await house.ProjectAsync(organization, "Orders")).Workspaces[1].Id;
        Assert.Contains("Add Runtime", Refusal(await house.Runtime.RotateKeyAsync(stage, _none)).Message, StringComparison.Ordinal);

        var added = Value(await house.Runtime.AddAsync(stage, _none));
        Assert.Equal($"{organization.Id}-orders-stage", added.Name);
        Assert.Contains("already", Refusal(await house.Runtime.AddAsync(stage, _none)).Message, StringComparison.Ordinal);
        Assert.Equal(added, await house.Directory.AuthenticateAsync(added.Uuid, added.Key, _none));

        var rotated = Value(await house.Runtime.RotateKeyAsync(stage, _none));
        Assert.Equal((added.Name, added.Uuid), (rotated.Name, rotated.Uuid));
        Assert.Null(await house.Directory.AuthenticateAsync(added.Uuid, added.Key, _none));
        Assert.Equal(rotated, await house.Directory.AuthenticateAsync(added.Uuid, rotated.Key, _none));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task The_name_of_a_namespace_is_never_given_twice(TestEngine engine)
    {
        await using var house = new House(engine);
        var organization = await house.OrganizationAsync();
        var names = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var project = await house.ProjectAsync(organization, "orders");
            names.Add(Value(await house.Runtime.AddAsync(project.Workspaces[1].Id, _none)).Name);
            Value(await house.Projects.DeleteAsync(project.Id, _none));
        }

        var wanted = $"{organization.Id}-orders-stage";
        Assert.Equal([wanted, $"{wanted}-2", $"{wanted}-3"], names);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Organizations_are_created_listed_by_name_and_renamed(TestEngine engine)
    {
        await using var house = new House(engine);
        var b = Value(await house.Projects.CreateOrganizationAsync("  Beta  ", _none));
        var a = Value(await house.Projects.CreateOrganizationAsync("Alpha", _none));

        Assert.Equal([a, b], await house.Projects.ListOrganizationsAsync(_none));
        Assert.Equal("Gamma", Value(await house.Projects.RenameOrganizationAsync(a.Id, "Gamma", _none)).Name);
        Assert.Equal(["Beta", "Gamma"], (await house.Projects.ListOrganizationsAsync(_none)).Select(o => o.Name));
        Refusal(await house.Projects.RenameOrganizationAsync(a.Id, " ", _none));
        Refusal(await house.Projects.RenameOrganizationAsync(new OrganizationId("1"), "X", _none));
    }

    [Fact]
    public async Task The_download_names_every_credential_of_the_workspace_and_none_of_its_neighbours()
    {
        await using var house = new House(TestEngine.Sqlite);
        var project = await house.ProjectAsync(await house.OrganizationAsync(), "orders");
        var stage = project.Workspaces[1].Id;
        var empty = Value(await house.Documents.WriteAsync(stage, new Uri("https://events.example/"), _none));
        var details = JsonDocument.Parse(empty.Json).RootElement.GetProperty("project").GetProperty("workspace").GetProperty("details");
        Assert.Equal((0, 0), (details.GetProperty("credentials").GetArrayLength(), details.GetProperty("runtime").GetProperty("namespaces").GetArrayLength()));

        var one = Value(await house.Credentials.CreateAsync(stage, "One", _none));
        var two = Value(await house.Credentials.CreateAsync(stage, "Two", _none));
        var newer = Value(await house.Credentials.AddSecretAsync(stage, one.Credential.Id, _none));
        Value(await house.Credentials.CreateAsync(project.Workspaces[0].Id, "Elsewhere", _none));
        var runtime = Value(await house.Runtime.AddAsync(stage, _none));
        var document = Value(await house.Documents.WriteAsync(stage, new Uri("https://events.example/"), _none));

        Assert.Equal($"{project.OrganizationId}-orders-Stage.json", document.FileName);
        Assert.DoesNotContain(one.ClientSecret, document.ToString(), StringComparison.Ordinal);
        var workspace = JsonDocument.Parse(document.Json).RootElement.GetProperty("project").GetProperty("workspace");
        Assert.Equal($"https://events.example/api/v1/web/{runtime.Name}", workspace.GetProperty("action_url").GetString());
        var credentials = workspace.GetProperty("details").GetProperty("credentials").EnumerateArray().OrderBy(c => c.GetProperty("name").GetString(), StringComparer.Ordinal).ToList();
        Assert.Equal(["One", "Two", "cli"], credentials.Select(c => c.GetProperty("name").GetString()));
        Assert.Equal(
            [newer.ClientSecret, one.ClientSecret],
            credentials[0].GetProperty("oauth_server_to_server").GetProperty("client_secrets").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal(two.Credential.ClientId.Value, credentials[1].GetProperty("oauth_server_to_server").GetProperty("client_id").GetString());
    }

    internal static T Value<T>(ProjectOutcome<T> outcome)
    {
        Assert.Null(outcome.Refusal);
        return outcome.Value!;
    }

    internal static ProjectRefusal Refusal<T>(ProjectOutcome<T> outcome)
    {
        Assert.NotNull(outcome.Refusal);
        return outcome.Refusal;
    }
}
