using System.Data.Common;

namespace Signalbox.Storage;

/// <summary>Another server holds the database; the message says which session that is, and what to do.</summary>
public sealed class DatabaseHeldException(string message) : DbException(message);
