using System.Globalization;
using System.Security.Cryptography;

namespace Signalbox.Simulation.Tests;

/// <summary>
/// Thousands of random scenarios against the real delivery engine. A failure names its seed; <c>SIGNALBOX_SEED</c> runs that
/// one again, exactly. <c>SIGNALBOX_SCENARIOS</c> sets their number.
/// </summary>
public sealed class SimulationTests
{
    private static readonly int _scenarios =
        int.TryParse(Environment.GetEnvironmentVariable("SIGNALBOX_SCENARIOS"), CultureInfo.InvariantCulture, out var number) ? number : 2_000;

    [Fact]
    public void Every_rule_holds_in_thousands_of_random_scenarios()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("SIGNALBOX_SEED"), CultureInfo.InvariantCulture, out var seed))
        {
            new Scenario(seed).Run();
            return;
        }

        var first = RandomNumberGenerator.GetInt32(1_000_000_000);
        TestContext.Current.SendDiagnosticMessage($"{_scenarios} scenarios from seed {first}");
        var (attempts, givenUp, replayed, statusChanges) = (0L, 0L, 0L, 0L);
        Parallel.For(first, first + _scenarios, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, number =>
        {
            var scenario = new Scenario(number);
            scenario.Run();
            Interlocked.Add(ref attempts, scenario.Attempts);
            Interlocked.Add(ref givenUp, scenario.GivenUp);
            Interlocked.Add(ref replayed, scenario.Replayed);
            Interlocked.Add(ref statusChanges, scenario.StatusChanges);
        });

        // Scenarios in which nothing happens would prove nothing.
        Assert.True(attempts > _scenarios * 50L, $"{attempts} attempts in {_scenarios} scenarios");
        Assert.True(givenUp > _scenarios, $"{givenUp} deliveries given up in {_scenarios} scenarios");
        Assert.True(replayed > _scenarios / 4, $"{replayed} replays done in {_scenarios} scenarios");
        Assert.True(statusChanges > _scenarios / 4, $"{statusChanges} changes of statuses in {_scenarios} scenarios");
        TestContext.Current.SendDiagnosticMessage(
            $"{attempts} attempts, {givenUp} deliveries given up, {replayed} replays, {statusChanges} changes of statuses");
    }

    [Fact]
    public void A_seed_is_a_whole_run()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var (one, other) = (new Scenario(seed), new Scenario(seed));
            one.Run();
            other.Run();
            Assert.Equal(one.Fingerprint, other.Fingerprint);
        }
    }

    [Theory]
    [InlineData(nameof(Mutation.ForgetsRetries), nameof(Rule.EventualDelivery))]
    [InlineData(nameof(Mutation.KeepsSuccesses), nameof(Rule.NothingAfterTheEnd))]
    [InlineData(nameof(Mutation.ReadsEarly), nameof(Rule.NotBeforeItsTime))]
    [InlineData(nameof(Mutation.ForgetsRetryCount), nameof(Rule.RetryCount))]
    [InlineData(nameof(Mutation.ReadsOutOfOrder), nameof(Rule.Order))]
    [InlineData(nameof(Mutation.WidensWindow), nameof(Rule.Bounds))]
    [InlineData(nameof(Mutation.IgnoresPauses), nameof(Rule.PauseHonoured))]
    [InlineData(nameof(Mutation.ForgetsPauses), nameof(Rule.PauseHonoured))]
    [InlineData(nameof(Mutation.GivesUpEarly), nameof(Rule.GiveUp))]
    [InlineData(nameof(Mutation.NeverLooks), nameof(Rule.Progress))]
    [InlineData(nameof(Mutation.StarvesOne), nameof(Rule.Fairness))]
    [InlineData(nameof(Mutation.IgnoresRates), nameof(Rule.Rate))]
    [InlineData(nameof(Mutation.BatchesAll), nameof(Rule.Batch))]
    [InlineData(nameof(Mutation.HidesEdits), nameof(Rule.Settings))]
    [InlineData(nameof(Mutation.StartsTwice), nameof(Rule.OneAttemptAtATime))]
    [InlineData(nameof(Mutation.HidesStoreFailures), nameof(Rule.NoHammering))]
    [InlineData(nameof(Mutation.SkipsUnstable), nameof(Rule.StatusMachine))]
    [InlineData(nameof(Mutation.JudgesEarly), nameof(Rule.StatusMachine))]
    [InlineData(nameof(Mutation.ForgetsFailures), nameof(Rule.StatusMachine))]
    [InlineData(nameof(Mutation.CancelsOnDisable), nameof(Rule.EventualDelivery))]
    [InlineData(nameof(Mutation.PushesToDisabled), nameof(Rule.NotPushed))]
    [InlineData(nameof(Mutation.SignsByNow), nameof(Rule.Signatures))]
    [InlineData(nameof(Mutation.ForgetsLetters), nameof(Rule.DeadLetters))]
    [InlineData(nameof(Mutation.KeepsLetters), nameof(Rule.DeadLetters))]
    [InlineData(nameof(Mutation.MovesCursorLater), nameof(Rule.ReplayedOnce))]
    [InlineData(nameof(Mutation.SkipsInReplay), nameof(Rule.ReplayedOnce))]
    [InlineData(nameof(Mutation.WidensShare), nameof(Rule.ReplayShare))]
    [InlineData(nameof(Mutation.KeepsDeliveredLetters), nameof(Rule.DeadLetters))]
    [InlineData(nameof(Mutation.MistakesOutcomes), nameof(Rule.EventualDelivery))]
    public void A_fault_that_is_built_in_on_purpose_is_found(string mutation, string rule)
    {
        var found = new HashSet<string>();
        for (var seed = 1; seed <= 400 && !found.Contains(rule); seed++)
        {
            try
            {
                new Scenario(seed, Enum.Parse<Mutation>(mutation)).Run();
            }
            catch (SimulationFailure failure)
            {
                found.Add(failure.Rule.ToString());
            }
        }

        Assert.Contains(rule, found);
    }
}
