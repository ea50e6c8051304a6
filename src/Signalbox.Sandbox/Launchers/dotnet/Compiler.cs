using System.Reflection;
using System.Runtime.Loader;

namespace Signalbox.Launcher;

/// <summary>Compiles a single C# file with the machine's SDK, which the sandbox shows; nothing is fetched.</summary>
internal static class Compiler
{
    private const string AssemblyPath = "/tmp/Action.dll";

    private static readonly string[] _usings =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks"];

    /// <summary>The path of the assembly.</summary>
    /// <exception cref="LoadException">Errors, one a line, each with file, line and column.</exception>
    public static string Compile(string source)
    {
        var sdks = Path.Combine(Path.GetDirectoryName(Environment.ProcessPath)!, "sdk");
        var roslyn = Directory.Exists(sdks)
            ? Directory.EnumerateFiles(sdks, "csc.dll", SearchOption.AllDirectories).Order(StringComparer.Ordinal).LastOrDefault()
            : null;
        if (roslyn is null)
        {
            throw new LoadException("C# source needs the .NET SDK on the server, which has the runtime only. Send a compiled assembly in a zip.");
        }

        File.WriteAllLines("/tmp/Usings.cs", _usings.Select(name => $"global using {name};"));
        string[] arguments =
        [
            "-noconfig", "-nologo", "-nostdlib+", "-target:library", "-langversion:latest", "-nullable:enable", "-debug:embedded",
            "-optimize+", "-nowarn:CS1701,CS1702,CS8632", "-warn:0", "-fullpaths", $"-out:{AssemblyPath}",
            .. Directory.EnumerateFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll").Where(IsManaged).Select(file => "-r:" + file),
            "/tmp/Usings.cs", source,
        ];
        // Not collectible: code that was compiled ahead of time is used in such contexts only.
        var compiler = new AssemblyLoadContext("compiler");
        compiler.Resolving += (context, name) =>
        {
            var file = Path.Combine(Path.GetDirectoryName(roslyn)!, name.Name + ".dll");
            return File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
        };
        var output = new StringWriter();
        var console = Console.Out;
        Console.SetOut(output);
        try
        {
            var exitCode = compiler.LoadFromAssemblyPath(roslyn).EntryPoint!.Invoke(null, [arguments]);
            if (exitCode is not 0)
            {
                throw new LoadException(output.ToString().Trim());
            }
        }
        finally
        {
            Console.SetOut(console);
        }

        return AssemblyPath;
    }

    private static bool IsManaged(string file)
    {
        try
        {
            AssemblyName.GetAssemblyName(file);
            return true;
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }
}
