namespace Signalbox.Events.Tests.Faults;

/// <summary>Tests whose commit takes effect and throws. Failpoints are armed for the whole process, so nothing runs beside them.</summary>
[CollectionDefinition(nameof(CommitsInDoubt), DisableParallelization = true)]
public sealed class CommitsInDoubt;
