using System.Runtime.Versioning;
using Signalbox.EndToEnd.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: SupportedOSPlatform("linux")]
[assembly: AssemblyFixture(typeof(RunningServer))]

// Servers, sandboxes and Node.js clients fill the machine already.
[assembly: Parallelization(Mode = ParallelMode.None)]
