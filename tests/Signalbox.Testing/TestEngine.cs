namespace Signalbox.Testing;

/// <summary>The databases that every store test runs on.</summary>
public enum TestEngine
{
    Sqlite,
    Postgresql,
}
