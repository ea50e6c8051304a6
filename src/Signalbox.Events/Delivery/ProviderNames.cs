using System.Collections.Concurrent;
using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.Delivery;

/// <summary>The value of <c>x-adobe-provider</c> for a provider's id. Names never change, so they are remembered.</summary>
internal sealed class ProviderNames(Database database)
{
    private const int RememberedMax = 10_000;

    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>The provider's name; its id when it was deleted.</summary>
    public async ValueTask<string> FindAsync(string providerId, CancellationToken cancellationToken)
    {
        if (_names.TryGetValue(providerId, out var known))
        {
            return known;
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        var name = await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            "SELECT name FROM providers WHERE id = @providerId", new { providerId }, cancellationToken: cancellationToken));
        if (name is null)
        {
            return providerId;
        }

        if (_names.Count >= RememberedMax)
        {
            _names.Clear();
        }

        return _names[providerId] = name;
    }
}
