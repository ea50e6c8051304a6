using System.Text;

namespace Signalbox.Launcher;

/// <summary><see cref="Console.Out"/> or <see cref="Console.Error"/>, told apart by activation.</summary>
internal sealed class LogWriter(int stream) : TextWriter
{
    public const int Stdout = 0;
    public const int Stderr = 1;

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Activation.Current?.Print(stream, [value]);

    public override void Write(char[] buffer, int index, int count) => Activation.Current?.Print(stream, buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Activation.Current?.Print(stream, buffer);

    public override void Write(string? value) => Activation.Current?.Print(stream, value);

    public override void WriteLine(string? value) => Activation.Current?.Print(stream, value + "\n");
}
