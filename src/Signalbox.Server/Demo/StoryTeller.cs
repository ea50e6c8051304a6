namespace Signalbox.Server.Demo;

/// <summary>Writes the demo's story to a terminal; colours only where one is there to show them.</summary>
internal sealed class StoryTeller
{
    private readonly bool _colours = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;
    private int _chapter;

    /// <summary>Starts the next chapter.</summary>
    public void Chapter(string title)
    {
        Console.WriteLine();
        Console.WriteLine($"{Paint($"{++_chapter}.", "1")} {Paint(title, "1")}");
    }

    /// <summary>Something that was to happen, and did.</summary>
    public void Done(string text) => Console.WriteLine($"   {Paint("ok", "32")}  {text}");

    /// <summary>A name and what was found for it.</summary>
    public void Fact(string name, string? value) => Console.WriteLine($"       {Paint(name.PadRight(30), "36")} {value}");

    /// <summary>What somebody printed or answered, line by line.</summary>
    public void Quote(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            Console.WriteLine($"       {Paint("|", "2")} {line.TrimEnd('\r')}");
        }
    }

    public void Say(string text) => Console.WriteLine($"   {text}");

    /// <summary>Something did not happen as told.</summary>
    public void Failed(string text) => Console.WriteLine($"   {Paint("FAILED", "31")}  {text}");

    private string Paint(string text, string code) => _colours ? $"\e[{code}m{text}\e[0m" : text;
}
