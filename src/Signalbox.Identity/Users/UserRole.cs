namespace Signalbox.Identity.Users;

/// <summary>What a user of the console may do; each role may do what those before it may.</summary>
public enum UserRole
{
    /// <summary>Sees everything but secrets, changes nothing.</summary>
    Viewer,

    /// <summary>Changes projects, registrations, actions and the like, and sees their secrets.</summary>
    Developer,

    /// <summary>Also invites users, sees the audit log, and operates the server.</summary>
    SystemAdministrator,
}
