namespace Signalbox.Identity;

/// <summary>A consumer organization's id: decimal digits, such as <c>23294</c>. First segment of the events API paths.</summary>
public readonly record struct OrganizationId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>A project's id: decimal digits.</summary>
public readonly record struct ProjectId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>A workspace's id: decimal digits.</summary>
public readonly record struct WorkspaceId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>A credential's id: decimal digits; used in journal and tracing URLs.</summary>
public readonly record struct CredentialId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>A credential's client id, which is also the API key: 3 to 128 of <c>[\w-.]</c>, usually 32 hex digits.</summary>
public readonly record struct ClientId(string Value)
{
    public override string ToString() => Value;
}
