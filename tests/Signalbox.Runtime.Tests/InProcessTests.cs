using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Invocations;
using Signalbox.Runtime.Limits;
using Signalbox.Runtime.LiveLogs;
using Signalbox.Runtime.Packages;
using Signalbox.Testing;

namespace Signalbox.Runtime.Tests;

/// <summary>What the room offers to callers in the same process, such as the console.</summary>
public sealed class InProcessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Actions_are_listed_by_package_and_name_in_pages_both_ways(TestEngine engine)
    {
        await using var server = await RuntimeServer.StartAsync(engine);
        var actions = server.Services.GetRequiredService<IActions>();
        await (await server.Guest.PutJsonAsync("packages/shop", "{}")).ReadAsync(200);
        foreach (var name in (string[])["shop/b", "z", "shop/a", "a_1", "A"])
        {
            await server.Guest.CreateActionAsync(name, "echo");
        }

        await server.Other.CreateActionAsync("foreign", "echo");

        var first = await actions.ListAsync(FakeNamespaces.Guest, new ActionQuery { Limit = 2 }, Token);
        var second = await actions.ListAsync(FakeNamespaces.Guest, new ActionQuery { Limit = 2, After = Cursor(first.Items[^1]) }, Token);
        var last = await actions.ListAsync(FakeNamespaces.Guest, new ActionQuery { Limit = 2, After = Cursor(second.Items[^1]) }, Token);
        var back = await actions.ListAsync(FakeNamespaces.Guest, new ActionQuery { Limit = 2, Before = Cursor(last.Items[0]) }, Token);

        var all = first.Items.Concat(second.Items).Concat(last.Items).Select(action => action.Title).ToArray();
        Assert.Equal(["A", "a_1", "shop/a", "shop/b", "z"], all.Order(StringComparer.Ordinal));
        Assert.Equal(["shop/a", "shop/b"], all[^2..]);
        Assert.Equal(second.Items.Select(action => action.Title), back.Items.Select(action => action.Title));
        Assert.Equal((false, true), (first.HasBefore, first.HasAfter));
        Assert.Equal((true, false), (last.HasBefore, last.HasAfter));
        Assert.Equal((true, true), (back.HasBefore, back.HasAfter));

        static string Cursor(ActionSummary action) => $"{action.Name.Package}/{action.Name.Name}";
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_list_of_actions_can_be_narrowed_to_a_part_of_the_name_taken_literally(TestEngine engine)
    {
        await using var server = await RuntimeServer.StartAsync(engine);
        var actions = server.Services.GetRequiredService<IActions>();
        await (await server.Guest.PutJsonAsync("packages/Shop", "{}")).ReadAsync(200);
        foreach (var name in (string[])["Shop/hello", "a_b", "axb"])
        {
            await server.Guest.CreateActionAsync(name, "echo");
        }

        Assert.Equal(["a_b"], await TitlesOf("A_B"));
        Assert.Equal(["Shop/hello"], await TitlesOf("shop/h"));
        Assert.Empty(await TitlesOf("%"));
        Assert.Empty(await TitlesOf("\\"));

        async Task<IEnumerable<string>> TitlesOf(string text) =>
            (await actions.ListAsync(FakeNamespaces.Guest, new ActionQuery { Text = text }, Token)).Items.Select(action => action.Title);
    }

    [Fact]
    public async Task An_action_that_somebody_else_changed_meanwhile_is_not_overwritten()
    {
        await using var server = await RuntimeServer.StartAsync();
        var actions = server.Services.GetRequiredService<IActions>();
        await server.Guest.CreateActionAsync("hello", "echo");
        var name = new EntityName("guest", null, "hello");
        var mine = Value(await actions.FindAsync(FakeNamespaces.Guest, name, Token));
        await server.Guest.CreateActionAsync("hello", "log");

        var refused = await actions.SaveAsync(FakeNamespaces.Guest, name, Put("gate"), mine.Revision, Token);
        var theirs = Value(await actions.FindAsync(FakeNamespaces.Guest, name, Token));
        var saved = Value(await actions.SaveAsync(FakeNamespaces.Guest, name, Put("gate"), theirs.Revision, Token));

        Assert.True(refused.IsRefused(out var refusal, out _));
        Assert.Equal(409, refusal.Status);
        Assert.Equal("log", theirs.Code);
        Assert.Equal(("gate", "0.0.3"), (saved.Code, saved.Version));
    }

    [Fact]
    public async Task A_new_action_does_not_replace_one_that_stands_there_and_is_checked_as_the_API_does()
    {
        await using var server = await RuntimeServer.StartAsync();
        var actions = server.Services.GetRequiredService<IActions>();
        var name = new EntityName("guest", null, "hello");

        Assert.Equal("echo", Value(await actions.SaveAsync(FakeNamespaces.Guest, name, Put("echo"), revision: null, Token)).Code);
        Assert.Equal(409, StatusOf(await actions.SaveAsync(FakeNamespaces.Guest, name, Put("log"), revision: null, Token)));
        Assert.Equal(403, StatusOf(await actions.SaveAsync(FakeNamespaces.Other, name, Put("log"), revision: null, Token)));
        Assert.Equal(404, StatusOf(await actions.SaveAsync(FakeNamespaces.Guest, name with { Package = "none" }, Put("log"), revision: null, Token)));
        Assert.Equal(400, StatusOf(await actions.SaveAsync(
            FakeNamespaces.Guest, name with { Name = "next" }, JsonElement.Parse("""{"exec":{"kind":"cobol:85","code":"x"}}"""), revision: null, Token)));
        Assert.True(EntityName.Parse("guest", "a/b/c").IsRefused(out _, out _));
        Assert.True(EntityName.Parse("guest", "/b").IsRefused(out _, out _));
        Assert.Equal(new EntityName("guest", "p", "b"), Value(EntityName.Parse("guest", "p/b")));
    }

    [Fact]
    public async Task A_package_is_created_once_and_removed_only_when_it_is_empty()
    {
        await using var server = await RuntimeServer.StartAsync();
        var packages = server.Services.GetRequiredService<IPackages>();
        var name = new EntityName("guest", null, "shop");
        Value(await packages.CreateAsync(FakeNamespaces.Guest, name, JsonElement.Parse("{}"), Token));
        await server.Guest.CreateActionAsync("shop/hello", "echo");

        Assert.Equal(409, StatusOf(await packages.CreateAsync(FakeNamespaces.Guest, name, JsonElement.Parse("{}"), Token)));
        Assert.Equal(409, StatusOf(await packages.DeleteAsync(FakeNamespaces.Guest, name, Token)));
        Assert.Equal("shop", Assert.Single(await packages.ListAsync(FakeNamespaces.Guest, Token)).Name.Name);
        await (await server.Guest.DeletePathAsync("actions/shop/hello")).ReadAsync(200);
        Value(await packages.DeleteAsync(FakeNamespaces.Guest, name, Token));
        Assert.Empty(await packages.ListAsync(FakeNamespaces.Guest, Token));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Activations_are_listed_newest_first_in_pages_both_ways_and_by_outcome(TestEngine engine)
    {
        await using var server = await RuntimeServer.StartAsync(engine);
        var activations = server.Services.GetRequiredService<IActivations>();
        await server.Guest.CreateActionAsync("good", "log");
        await server.Guest.CreateActionAsync("bad", """json:{"error":"no"}""");
        foreach (var name in (string[])["good", "bad", "good", "good", "bad"])
        {
            await server.Guest.PostJsonAsync($"actions/{name}?blocking=true");
            server.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var first = await activations.ListAsync("guest", new ActivationQuery { Limit = 2 }, Token);
        var second = await activations.ListAsync("guest", new ActivationQuery { Limit = 2, OlderThan = first.Items[^1].Cursor }, Token);
        var back = await activations.ListAsync("guest", new ActivationQuery { Limit = 2, NewerThan = second.Items[0].Cursor }, Token);
        var failed = await activations.ListAsync("guest", new ActivationQuery { Succeeded = false }, Token);
        var good = await activations.ListAsync("guest", new ActivationQuery { Action = "good", Succeeded = true, Limit = 2 }, Token);

        Assert.Equal(["bad", "good"], first.Items.Select(item => item.Action));
        Assert.Equal(["good", "bad"], second.Items.Select(item => item.Action));
        Assert.Equal(first.Items.Select(item => item.Id), back.Items.Select(item => item.Id));
        Assert.Equal((false, true, true, true), (first.HasNewer, first.HasOlder, second.HasNewer, second.HasOlder));
        Assert.Equal((false, true), (back.HasNewer, back.HasOlder));
        Assert.Equal(["application error", "application error"], failed.Items.Select(item => item.Status));
        Assert.Equal((false, null), (failed.HasOlder, failed.SearchedTo));
        Assert.Equal((2, true), (good.Items.Count, good.HasOlder));
        Assert.Equal(TimeSpan.FromMilliseconds(40), good.Items[0].Init);
        Assert.Empty((await activations.ListAsync("other", new ActivationQuery(), Token)).Items);
        Assert.Equal(second.Items[0].Cursor, ActivationCursor.Parse(second.Items[0].Cursor.ToString()));
        Assert.Null(ActivationCursor.Parse("x-1"));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_search_for_failures_stops_after_a_bounded_number_of_records_and_says_where(TestEngine engine)
    {
        await using var server = await RuntimeServer.StartAsync(engine);
        var store = server.Services.GetRequiredService<ActivationStore>();
        await store.AddAsync([.. Enumerable.Range(0, 10).Select(number => Record(number, isFailure: number is 0 or 8))]);
        var query = new ActivationQuery { Succeeded = false };

        var (found, searchedTo) = await store.SearchAsync("guest", query, 10, lengthMax: 5, Token);
        var (rest, end) = await store.SearchAsync("guest", query with { OlderThan = searchedTo }, 10, lengthMax: 5, Token);
        var (nothing, over) = await store.SearchAsync("guest", query with { OlderThan = end }, 10, lengthMax: 5, Token);

        Assert.Equal(8, Assert.Single(found).StartMs);
        Assert.Equal(5, searchedTo!.Value.StartMs);
        Assert.Equal(0, Assert.Single(rest).StartMs);
        Assert.Equal(0, end!.Value.StartMs);
        Assert.Empty(nothing);
        Assert.Null(over);
    }

    [Fact]
    public async Task A_run_started_in_process_gives_its_id_at_once_and_its_record_at_the_end_and_its_lines_between()
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("slow", "print");
        var name = new EntityName("guest", null, "slow");
        Assert.False(server.Services.GetRequiredService<ILiveLogs>().Follow("guest", name).IsRefused(out _, out var feed));
        using var follower = feed;

        var started = Value(await server.Services.GetRequiredService<IInvocations>().StartAsync(FakeNamespaces.Guest, name, """{"a":1}""", Token));
        await using var lines = follower.ReadAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal(("first", started.ActivationId), (Assert.Single(lines.Current).Text, lines.Current[0].ActivationId));
        Assert.False(started.Ended.IsCompleted);
        Assert.Equal((1, 1), Usage());

        server.Sandbox.Gate.SetResult();
        var record = await started.Ended;
        Assert.Equal((started.ActivationId, """{"a":1}""", true), (record.Id, record.Result, record.IsSuccess));
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("success", Assert.Single(lines.Current).Status);
        Assert.NotNull(await server.Services.GetRequiredService<IActivations>().FindAsync("guest", record.Id, Token));
        Assert.Null(await server.Services.GetRequiredService<IActivations>().FindAsync("other", record.Id, Token));
        Assert.Equal((1, 0), Usage());

        (int, int) Usage()
        {
            var usage = server.Services.GetRequiredService<INamespaceUsage>().Read("guest");
            return (usage.InvocationsThisMinute, usage.InFlight);
        }
    }

    [Theory]
    [InlineData("[]", 400)]
    [InlineData("{", 400)]
    [InlineData("{} x", 400)]
    public async Task Arguments_that_are_no_object_start_nothing(string payload, int status)
    {
        await using var server = await RuntimeServer.StartAsync();
        await server.Guest.CreateActionAsync("hello", "echo");

        var outcome = await server.Services.GetRequiredService<IInvocations>().StartAsync(
            FakeNamespaces.Guest, new EntityName("guest", null, "hello"), payload, Token);

        Assert.Equal(status, StatusOf(outcome));
        Assert.Empty(server.Sandbox.Runs);
    }

    private static JsonElement Put(string code) => JsonElement.Parse($$$"""{"exec":{"kind":"nodejs:20","code":"{{{code}}}"}}""");

    private static T Value<T>(Outcome<T> outcome)
    {
        Assert.False(outcome.IsRefused(out var refusal, out var value), refusal?.Error);
        return value!;
    }

    private static int StatusOf<T>(Outcome<T> outcome)
    {
        Assert.True(outcome.IsRefused(out var refusal, out _));
        return refusal.Status;
    }

    private static Activation Record(int startMs, bool isFailure) => new()
    {
        Id = startMs.ToString("x32", System.Globalization.CultureInfo.InvariantCulture),
        Namespace = "guest",
        Subject = "guest",
        Name = "hello",
        Version = "0.0.1",
        StartMs = startMs,
        EndMs = startMs,
        DurationMs = 0,
        Status = isFailure ? ActivationStatus.ApplicationError : ActivationStatus.Success,
        Result = "{}"u8.ToArray(),
        ResultSize = 2,
        Logs = "[]"u8.ToArray(),
        Annotations = "[]"u8.ToArray(),
    };
}
