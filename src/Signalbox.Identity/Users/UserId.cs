namespace Signalbox.Identity.Users;

/// <summary>A user's id: 32 hex digits.</summary>
public readonly record struct UserId(string Value)
{
    public override string ToString() => Value;
}
