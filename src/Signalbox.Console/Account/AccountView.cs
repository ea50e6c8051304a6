using Signalbox.Identity.Sessions;
using Signalbox.Identity.Users;

namespace Signalbox.WebConsole.Account;

/// <summary>What the account page shows.</summary>
/// <param name="User">Who is signed in.</param>
/// <param name="CurrentId">The session of this page.</param>
/// <param name="Sessions">All sessions of the user.</param>
public sealed record AccountView(User User, string CurrentId, IReadOnlyList<UserSession> Sessions);
