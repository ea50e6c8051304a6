using Signalbox.Storage;

namespace Signalbox.Events.Filters;

/// <summary>The table <c>subscriber_filters</c>: at most one row for a registration.</summary>
internal sealed class FilterStore(Database database)
{
    /// <summary>Stores the filter of a registration, or that it has none.</summary>
    public Task SaveAsync(long registrationKey, SubscriberFilter? filter) =>
        database.WriteAsync(session => Write(session, registrationKey, filter));

    /// <summary>The same, inside a write that is under way.</summary>
    public static void Write(WriteSession session, long registrationKey, SubscriberFilter? filter)
    {
        session.Execute("DELETE FROM subscriber_filters WHERE registration_key = @registrationKey", new { registrationKey });
        if (filter is not null)
        {
            session.Execute(
                """
                INSERT INTO subscriber_filters (registration_key, filter_id, name, description, filter_text)
                VALUES (@registrationKey, @Id, @Name, @Description, @Text)
                """,
                new { registrationKey, Id = filter.Id.ToString("D"), filter.Name, filter.Description, filter.Text });
        }
    }
}
