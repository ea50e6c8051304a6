namespace Signalbox.Storage;

/// <summary>
/// One step of the schema, never changed after a release. The SQL must be accepted by both databases; these words
/// are translated: <c>{{key64}}</c> (a 64-bit primary key). Types that both accept: <c>BIGINT</c>, <c>INTEGER</c>,
/// <c>TEXT</c>, <c>BYTEA</c> (bytes), <c>BOOLEAN</c> with <c>TRUE</c>/<c>FALSE</c>. Times are <c>BIGINT</c>
/// milliseconds since the epoch, UTC. Partial indexes, <c>ON CONFLICT</c> and <c>RETURNING</c> work on both.
/// </summary>
/// <param name="Number">1, 2, 3 … within the room.</param>
/// <param name="Name">What it does, for the log.</param>
/// <param name="Sql">One or more statements, separated by semicolons.</param>
public sealed record Migration(int Number, string Name, string Sql);

/// <summary>All steps of one room, in order. Each room registers its own.</summary>
/// <param name="Room">The room's name, such as <c>events</c>.</param>
/// <param name="Migrations">Numbered 1, 2, 3 … without a gap.</param>
public sealed record MigrationSet(string Room, IReadOnlyList<Migration> Migrations);
