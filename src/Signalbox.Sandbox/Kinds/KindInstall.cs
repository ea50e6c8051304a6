namespace Signalbox.Sandbox.Kinds;

/// <summary>An npm package that holds an interpreter, its versions those of the interpreter.</summary>
/// <param name="NpmPackage">The name; <c>{architecture}</c> stands for x64 or arm64.</param>
/// <param name="Executable">The path in the package.</param>
internal sealed record KindInstall(string NpmPackage, string Executable);
