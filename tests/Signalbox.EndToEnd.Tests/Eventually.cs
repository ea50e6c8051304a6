using System.Diagnostics;

namespace Signalbox.EndToEnd.Tests;

/// <summary>Waits for conditions, with deadlines: what happens in another process cannot be awaited otherwise.</summary>
internal static class Eventually
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Looks until something is found.</summary>
    /// <exception cref="TimeoutException">Nothing was found in time; the message says what was looked for.</exception>
    public static async Task<T> FindAsync<T>(string what, Func<Task<T?>> look, TimeSpan? within = null, Func<string>? otherwise = null)
        where T : class
    {
        var limit = within ?? TimeSpan.FromSeconds(20);
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }

            if (clock.Elapsed > limit)
            {
                throw new TimeoutException($"{what} did not come about within {limit.TotalSeconds} s. {otherwise?.Invoke()}");
            }

            await Task.Delay(_pause);
        }
    }

    /// <summary>Looks until the condition holds.</summary>
    public static Task HoldsAsync(string what, Func<Task<bool>> condition, TimeSpan? within = null, Func<string>? otherwise = null) =>
        FindAsync(what, async () => await condition() ? what : null, within, otherwise);

    /// <summary>Looks until the condition holds.</summary>
    public static Task HoldsAsync(string what, Func<bool> condition, TimeSpan? within = null, Func<string>? otherwise = null) =>
        HoldsAsync(what, () => Task.FromResult(condition()), within, otherwise);
}
