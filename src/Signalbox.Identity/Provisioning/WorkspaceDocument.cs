namespace Signalbox.Identity.Provisioning;

/// <summary>A file to download.</summary>
/// <param name="FileName">As the hosted service names it.</param>
/// <param name="Json">Its text. It holds secrets.</param>
public sealed record WorkspaceDocument(string FileName, string Json)
{
    public override string ToString() => FileName;
}
