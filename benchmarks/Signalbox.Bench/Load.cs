namespace Signalbox.Bench;

/// <summary>What <c>wrk</c> saw of one side.</summary>
internal readonly record struct Load(double Requests, double RequestsPerSecond, double MedianMs);
