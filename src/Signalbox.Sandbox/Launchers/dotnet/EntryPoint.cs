using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signalbox.Launcher;

/// <summary>
/// The method of an action: <c>Assembly::Type::Method</c> of an archive; <c>Type::Method</c>, <c>Method</c> or a
/// lone <c>Main</c> of a source file. Its first parameter takes the arguments in whatever form it declares.
/// </summary>
internal sealed class EntryPoint
{
    private const string SourceFile = "Action.cs";
    private const string CompiledFile = "Action.dll";
    private const string NewtonsoftObject = "Newtonsoft.Json.Linq.JObject";

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    private readonly MethodInfo _method;
    private readonly object? _target;

    private EntryPoint(MethodInfo method, object? target)
    {
        _method = method;
        _target = target;
    }

    /// <summary>The assembly that was compiled now; empty when there was nothing to compile.</summary>
    public byte[] Compiled { get; private init; } = [];

    /// <exception cref="LoadException">There is no such method, or the source does not compile.</exception>
    public static EntryPoint Load(string folder, string main)
    {
        var source = Path.Combine(folder, SourceFile);
        var parts = main.Split("::");
        Directory.SetCurrentDirectory(folder);
        if (parts.Length == 3)
        {
            var name = parts[0].EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? parts[0] : parts[0] + ".dll";
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                throw new LoadException($"There is no '{name}' at the root of the archive, which 'main' ({main}) names.");
            }

            return Of(Find(LoadWithDependencies(path), parts[1], parts[2], main), []);
        }

        if (!File.Exists(source))
        {
            throw new LoadException($"'main' of a compiled action is Assembly::Type::Method, not '{main}'.");
        }

        var before = Path.Combine(folder, CompiledFile);
        var isCompiled = File.Exists(before);
        var file = isCompiled ? before : Compiler.Compile(source);
        var assembly = LoadWithDependencies(file);
        var method = parts.Length == 2 ? Find(assembly, parts[0], parts[1], main) : FindAlone(assembly, main == "main" ? "Main" : main);
        return Of(method, isCompiled ? [] : File.ReadAllBytes(file));
    }

    /// <summary>The answer's JSON; null when it is neither an object nor an array.</summary>
    public async Task<byte[]?> InvokeAsync(ReadOnlyMemory<byte> arguments, IReadOnlyDictionary<string, string> variables)
    {
        var parameters = _method.GetParameters();
        var values = new object?[parameters.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = i == 0 ? Read(arguments, parameters[i].ParameterType)
                : parameters[i].ParameterType.IsInstanceOfType(variables) ? variables
                : parameters[i].HasDefaultValue ? parameters[i].DefaultValue
                : parameters[i].ParameterType.IsValueType ? Activator.CreateInstance(parameters[i].ParameterType)
                : null;
        }

        var result = _method.Invoke(_target, BindingFlags.DoNotWrapExceptions, null, values, null);
        result = await Awaited(result);
        var json = result switch
        {
            null => "{}"u8.ToArray(),
            _ when result.GetType().FullName!.StartsWith("Newtonsoft.Json.Linq.", StringComparison.Ordinal) => Encoding.UTF8.GetBytes(result.ToString()!),
            _ => JsonSerializer.SerializeToUtf8Bytes(result, result.GetType(), _json),
        };
        return json[0] is (byte)'{' or (byte)'[' ? json : null;
    }

    private static async Task<object?> Awaited(object? result)
    {
        if (result is not null && result.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ValueTask<>))
        {
            result = type.GetMethod(nameof(ValueTask<int>.AsTask))!.Invoke(result, null);
        }

        if (result is ValueTask plain)
        {
            await plain;
            return null;
        }

        if (result is not Task task)
        {
            return result;
        }

        await task;
        // A method that returns a plain Task hands back one of an internal, empty type.
        return task.GetType().GetProperty("Result")?.GetValue(task) is { } value && value.GetType().Name != "VoidTaskResult" ? value : null;
    }

    private static object? Read(ReadOnlyMemory<byte> json, Type type)
    {
        if (type == typeof(string))
        {
            return Encoding.UTF8.GetString(json.Span);
        }

        if (type == typeof(object) || type == typeof(JsonNode))
        {
            return JsonNode.Parse(json.Span);
        }

        return type.FullName == NewtonsoftObject
            ? type.GetMethod("Parse", [typeof(string)])!.Invoke(null, [Encoding.UTF8.GetString(json.Span)])
            : JsonSerializer.Deserialize(json.Span, type, _json);
    }

    private static Assembly LoadWithDependencies(string path)
    {
        var context = new AssemblyLoadContext("action");
        var folder = Path.GetDirectoryName(path)!;
        context.Resolving += (_, name) =>
        {
            var file = Path.Combine(folder, name.Name + ".dll");
            return File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
        };
        context.ResolvingUnmanagedDll += (_, name) =>
        {
            var file = Path.Combine(folder, "runtimes", "linux-x64", "native", name);
            return File.Exists(file) ? System.Runtime.InteropServices.NativeLibrary.Load(file) : IntPtr.Zero;
        };
        return context.LoadFromAssemblyPath(path);
    }

    private static MethodInfo Find(Assembly assembly, string typeName, string methodName, string main)
    {
        var type = assembly.GetType(typeName) ?? assembly.GetTypes().FirstOrDefault(candidate => candidate.Name == typeName)
            ?? throw new LoadException($"Action entrypoint '{main}': there is no type '{typeName}'; there are {Names(assembly.GetExportedTypes().Select(known => known.FullName!))}.");
        var methods = Methods(type).ToList();
        var method = methods.Find(candidate => candidate.Name == methodName)
            ?? throw new LoadException($"Action entrypoint '{main}' is not a method of '{type.FullName}'; it has {Names(methods.Select(known => known.Name))}.");
        return method;
    }

    private static MethodInfo FindAlone(Assembly assembly, string methodName)
    {
        var found = assembly.GetTypes().SelectMany(Methods).Where(method => method.Name == methodName).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new LoadException($"Action entrypoint '{methodName}' is not a method of {SourceFile}: declare 'public static … {methodName}(JsonObject args)' in a class, or give 'main' as Type::Method."),
            _ => throw new LoadException($"{SourceFile} has several methods '{methodName}'; give 'main' as Type::Method."),
        };
    }

    private static IEnumerable<MethodInfo> Methods(Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(method => !method.IsSpecialName && !method.Name.Contains('<', StringComparison.Ordinal));

    private static EntryPoint Of(MethodInfo method, byte[] compiled) =>
        new(method, method.IsStatic ? null : Activator.CreateInstance(method.DeclaringType!)) { Compiled = compiled };

    private static string Names(IEnumerable<string> names) => names.Any() ? string.Join(", ", names.Distinct()) : "none";
}
