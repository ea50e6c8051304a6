using System.Globalization;
using Signalbox.Storage.Faults;
using Signalbox.Testing;

namespace Signalbox.EndToEnd.Tests.Crashes;

/// <summary>
/// Nothing that was acknowledged is lost, whatever happens to the process, its disk, its database or its clock. The long
/// form: <c>scripts/crash-suite --rounds N --seed S</c>.
/// </summary>
public sealed class CrashTests
{
    /// <summary>Webhooks only: actions would add seconds to each start and nothing to the promise.</summary>
    private static readonly string[] _settings = ["--Sandbox:PrestartedProcesses", "0"];

    [Fact]
    public async Task Every_acknowledged_event_is_accounted_for_though_the_server_is_killed_at_every_failpoint()
    {
        await KillEverywhereAsync(new ServerLaunch { TestClock = true, Settings = _settings }, int.MaxValue, _ => { });
    }

    [Fact]
    public async Task Every_acknowledged_event_is_accounted_for_though_PostgreSQL_crashes_and_cuts_connections_between_the_kills()
    {
        using var postgres = PostgresServer.StartOwn();
        await KillEverywhereAsync(
            new ServerLaunch { TestClock = true, Settings = _settings, PostgresConnectionString = postgres.CreateDatabase() },
            count: 4,
            round =>
            {
                postgres.CutConnections();
                if (round % 2 == 1)
                {
                    postgres.CrashAndRestart();
                }
            });
    }

    [Fact]
    public async Task Commits_that_fail_are_refused_and_nothing_acknowledged_before_or_after_is_lost()
    {
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch { TestClock = true, Settings = _settings });
        await using var ledger = await CrashLedger.OpenAsync(server);
        await server.KillAsync();
        server.Environment[Failpoints.Variable] =
            string.Join(';', $"{Failpoint.CommitBefore}=error@40", $"{Failpoint.CommitAfter}=error@50", $"{Failpoint.ClaimAfter}=error@2", $"{Failpoint.SendAfter}=error@3");
        await server.RestartAsync();

        await ledger.PublishAsync(server, () => ledger.Acknowledged >= 200);

        Assert.Contains($"failpoint {Failpoint.CommitBefore}: error", server.Output, StringComparison.Ordinal);
        await ledger.AccountAsync(server);
    }

    [Fact]
    public async Task A_disk_that_fails_to_flush_makes_publishes_fail_and_loses_nothing()
    {
        // The 60th to the 90th flush of each thread fails, in the kernel's place.
        var trace = Path.Combine(Path.GetTempPath(), $"signalbox-strace-{Guid.NewGuid():N}");
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch
        {
            TestClock = true,
            Settings = _settings,
            Wrapper =
            [
                "strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync",
                "-e", "inject=fsync,fdatasync:error=EIO:when=60..90",
            ],
        });
        try
        {
            await using var ledger = await CrashLedger.OpenAsync(server);
            await ledger.PublishAsync(server, () => ledger.Acknowledged >= 300);
            await server.KillAsync();
            Assert.Contains("EIO", await File.ReadAllTextAsync(trace), StringComparison.Ordinal);
            await server.RestartUnwrappedAsync();

            await ledger.AccountAsync(server);
        }
        finally
        {
            await server.KillAsync();
            File.Delete(trace);
        }
    }

    [Fact]
    public async Task A_full_disk_makes_publishes_fail_and_loses_nothing_over_a_kill()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 48);
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch
        {
            TestClock = true,
            Settings = _settings,
            Wrapper = disk.Wrapper,
            DataDirectory = disk.InnerFolder,
            SeenDataDirectory = disk.Folder,
        });
        await using var ledger = await CrashLedger.OpenAsync(server);
        await ledger.PublishAsync(server, () => ledger.Acknowledged >= 50);

        disk.Fill();
        var refused = 0;
        for (var publish = 0; publish < 2_000 && refused < 20; publish++)
        {
            refused = await ledger.PublishOneAsync() ? 0 : refused + 1;
        }

        Assert.Equal(20, refused);
        await server.KillAsync();
        disk.Free();
        await server.RestartAsync();
        var before = ledger.Acknowledged;
        await ledger.PublishAsync(server, () => ledger.Acknowledged >= before + 50);

        await ledger.AccountAsync(server);
    }

    [Fact]
    public async Task A_stopped_server_that_goes_on_after_another_took_over_its_claims_loses_nothing()
    {
        using var postgres = PostgresServer.StartOwn();
        var launch = new ServerLaunch { TestClock = true, Settings = _settings, PostgresConnectionString = postgres.CreateDatabase() };
        await using var stopped = await SignalboxServer.StartAsync(launch);
        await using var ledger = await CrashLedger.OpenAsync(stopped);
        await ledger.PublishAsync(stopped, () => ledger.Acknowledged >= 40);

        // Nothing is owed then that would stop it before it is ready.
        await ledger.AccountAsync(stopped);
        await stopped.KillAsync();
        stopped.Environment[Failpoints.Variable] = $"{Failpoint.SendAfter}=stop@3";
        await stopped.RestartAsync();
        var published = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ledger.PublishOneAsync()));
        await Eventually.HoldsAsync("the stop", () => stopped.Output.Contains($"failpoint {Failpoint.SendAfter}: stop", StringComparison.Ordinal));

        // What holds the database for a server that only stands still is its session.
        await AssertRefusedAsync(launch);
        postgres.CutConnections();

        // Its successor has the same keys and a clock on which the claims have lapsed.
        using var data = new TemporaryFolder();
        data.CopyFrom(Path.Combine(stopped.DataDirectory, "keys"), "keys");
        var offset = (await File.ReadAllTextAsync(Path.Combine(stopped.DataDirectory, "test-clock"))).Trim();
        var later = long.Parse(offset, CultureInfo.InvariantCulture) + (long)TimeSpan.FromMinutes(16).TotalMilliseconds;
        await File.WriteAllTextAsync(Path.Combine(data.Path, "test-clock"), later.ToString(CultureInfo.InvariantCulture));
        await using var successor = await SignalboxServer.StartAsync(launch with { DataDirectory = data.Path });
        await successor.AdvanceClockAsync(TimeSpan.FromMinutes(2));
        await stopped.ContinueAsync();
        await published;
        Assert.Equal(2, await stopped.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("it lost its hold of the database", stopped.Output, StringComparison.Ordinal);

        ledger.Follow(successor);
        await ledger.AccountAsync(successor);
    }

    private static async Task AssertRefusedAsync(ServerLaunch launch)
    {
        using var data = new TemporaryFolder();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => SignalboxServer.StartAsync(launch with { DataDirectory = data.Path }));
        Assert.Contains("ended with 2 before it was ready", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Another Signalbox runs on the PostgreSQL database", refused.Message, StringComparison.Ordinal);
    }

    private static async Task KillEverywhereAsync(ServerLaunch launch, int count, Action<int> betweenKills)
    {
        var plan = CrashPlan.Read();
        TestContext.Current.SendDiagnosticMessage($"SIGNALBOX_SEED={plan.Seed} SIGNALBOX_CRASH_ROUNDS={plan.Rounds}");
        await using var server = await SignalboxServer.StartAsync(launch);
        await using var ledger = await CrashLedger.OpenAsync(server);
        await ledger.PublishAsync(server, () => ledger.Acknowledged >= 20);
        var round = 0;
        foreach (var kill in plan.Kills(count))
        {
            await server.AdvanceClockAsync(plan.NextJump());
            await server.KillAsync();
            server.Environment[Failpoints.Variable] = kill;
            if (await server.TryRestartAsync())
            {
                betweenKills(round++);
                await ledger.PublishAsync(server, () => false);
            }

            Assert.True(server.HasEnded, $"'{kill}' was not reached (seed {plan.Seed}). The server printed:\n{server.Output}");

            // What a process wrote last is read after its end.
            await Eventually.HoldsAsync(
                $"the word of '{kill}'",
                () => server.Output.Contains($"failpoint {kill.Split('=')[0]}: kill", StringComparison.Ordinal),
                otherwise: () => server.Output);
            server.Environment.Clear();
            await server.RestartAsync();
        }

        var before = ledger.Acknowledged;
        await ledger.PublishAsync(server, () => ledger.Acknowledged > before + 20);
        await ledger.AccountAsync(server);
    }
}
