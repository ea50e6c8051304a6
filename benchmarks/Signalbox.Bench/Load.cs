namespace Signalbox.Bench;

/// <summary>What <c>wrk</c> saw of one side.</summary>
internal readonly record struct Load(double RequestsPerSecond, double MedianMs);
