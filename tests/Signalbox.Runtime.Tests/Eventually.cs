using System.Diagnostics;

namespace Signalbox.Runtime.Tests;

/// <summary>Waits for what another thread brings about, by looking again, up to ten seconds.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "what was waited for did not come about");
            await Task.Yield();
        }
    }
}
