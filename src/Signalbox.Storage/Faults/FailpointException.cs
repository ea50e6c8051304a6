using System.Data.Common;

namespace Signalbox.Storage.Faults;

/// <summary>What a failpoint throws: to the rest of the server it looks like a database that fails.</summary>
internal sealed class FailpointException(string name) : DbException($"The failpoint '{name}' is armed to fail.");
