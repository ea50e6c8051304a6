using System.Diagnostics;
using Signalbox.Sandbox.Isolation;

namespace Signalbox.Sandbox.Tests;

/// <summary>What killed servers leave in the control groups.</summary>
public sealed class ControlGroupTests
{
    [Fact]
    public async Task Groups_of_servers_that_were_killed_go_at_the_next_start_and_those_of_others_stay()
    {
        var hierarchy = ControlGroupHierarchy.Probe(ControlGroupOwner.OfThisProcess + "-test-probe");
        Assert.SkipUnless(hierarchy is not null, "Making control groups needs root.");
        using var other = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        var start = (await File.ReadAllTextAsync($"/proc/{other.Id}/stat")).Split(' ')[21];
        var limits = new ControlGroupLimits(64, 16, 0);
        var names = new[] { $"signalbox-{other.Id}.{start}-test-1", $"signalbox-{other.Id}.{start}9-test-2", "signalbox-test-3" };
        var groups = names.Select(name => (Name: name, Group: ControlGroup.Create(hierarchy, name, limits))).ToList();
        try
        {
            hierarchy.RemoveStale();
            // The second is of an earlier process with the same number; the third is not ours to judge.
            Assert.Equal([true, false, true], names.Select(name => Directory.Exists(Path.Combine(hierarchy.MemoryFolder, name))));

            other.Kill();
            await other.WaitForExitAsync();
            hierarchy.RemoveStale();
            Assert.Equal([false, false, true], names.Select(name => Directory.Exists(Path.Combine(hierarchy.MemoryFolder, name))));
        }
        finally
        {
            groups.ForEach(group => group.Group.TryRemove());
        }
    }
}
