using System.Globalization;
using System.Text.Json;
using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.Stories;

/// <summary>Reads from the traces of attempts why no HTTP answer came: the name, the connection, TLS, a proxy, the check of the target.</summary>
internal sealed class FailureTexts(Database database)
{
    /// <summary>A line or two of a terminal; the trace has all of it.</summary>
    public const int LengthMax = 300;

    /// <summary>An event may have failed for many registrations; the newest failures are explained.</summary>
    private const int ReadMax = 100;

    private const int FirstOwnCode = 600;

    /// <summary>The explanations by the ids of their deliveries; those whose trace is gone have none.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(IEnumerable<RecordedAttempt> attempts, CancellationToken cancellationToken)
    {
        var failed = attempts.Where(attempt => attempt.Code >= FirstOwnCode).TakeLast(ReadMax).ToList();
        if (failed.Count == 0)
        {
            return new Dictionary<string, string>();
        }

        var parameters = new DynamicParameters(new { no = false });
        foreach (var (i, id) in failed.Select(attempt => attempt.DeliveryId).Distinct().Index())
        {
            parameters.Add(Name(i), id);
        }

        // Numbers need no parameters.
        var keys = string.Join(',', failed.Select(attempt => attempt.RegistrationKey.ToString(CultureInfo.InvariantCulture)).Distinct());
        await using var connection = await database.OpenAsync(cancellationToken);
        var documents = await connection.QueryAsync<Row>(new CommandDefinition(
            $"""
            SELECT delivery_id AS DeliveryId, document AS Document FROM traces
            WHERE registration_key IN ({keys}) AND is_success = @no AND delivery_id IN ({string.Join(',', parameters.ParameterNames.Where(name => name != "no").Select(name => '@' + name))})
            """,
            parameters,
            cancellationToken: cancellationToken));
        var texts = new Dictionary<string, string>();
        foreach (var row in documents)
        {
            texts[row.DeliveryId] = Show(BodyOf(row.Document));
        }

        return texts;
    }

    /// <summary>In one line: which failure, by its reference, and what caused it. The innermost cause, the last one, is kept.</summary>
    internal static string Show(string body)
    {
        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var text = string.Join(' ', lines);
        return WholeText.OneLine(text.Length <= LengthMax || lines.Length <= 2 ? text : $"{lines[0]} … {lines[^1]}", LengthMax);
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"id{number}");

    private static string BodyOf(byte[] document)
    {
        using var parsed = JsonDocument.Parse(document);
        return parsed.RootElement.GetProperty("trace").GetProperty("tracingResponse").GetProperty("responseBody").GetString() ?? "";
    }

    private sealed class Row
    {
        public string DeliveryId { get; init; } = "";

        public byte[] Document { get; init; } = [];
    }
}
