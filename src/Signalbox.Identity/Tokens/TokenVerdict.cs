using System.Diagnostics.CodeAnalysis;

namespace Signalbox.Identity.Tokens;

/// <summary>A token's check: either the token, or what is wrong with it.</summary>
public sealed record TokenVerdict
{
    private TokenVerdict(VerifiedToken? token, string? problem)
    {
        Token = token;
        Problem = problem;
    }

    public VerifiedToken? Token { get; }

    /// <summary>A sentence for the caller.</summary>
    public string? Problem { get; }

    [MemberNotNullWhen(true, nameof(Token))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsValid => Token is not null;

    internal static TokenVerdict Valid(VerifiedToken token) => new(token, null);

    internal static TokenVerdict Refused(string problem) => new(null, problem);
}
