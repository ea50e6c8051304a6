namespace Signalbox.WebConsole.AddEvent;

/// <summary>
/// Keeps drafts while their user goes back and forth between steps, each of which is a page with an address of its own.
/// Lives as long as the user's circuit; the newest few are kept.
/// </summary>
public sealed class RegistrationDrafts
{
    private const int KeptMax = 5;

    private readonly List<(string Key, RegistrationDraft Draft)> _kept = [];

    public RegistrationDraft? Find(string key) => _kept.Find(kept => kept.Key == key).Draft;

    public void Keep(string key, RegistrationDraft draft)
    {
        Forget(key);
        _kept.Insert(0, (key, draft));
        if (_kept.Count > KeptMax)
        {
            _kept.RemoveAt(KeptMax);
        }
    }

    public void Forget(string key) => _kept.RemoveAll(kept => kept.Key == key);
}
