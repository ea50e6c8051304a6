using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Signalbox.Identity;

namespace Signalbox.Events.Edge;

/// <summary>Collects what is wrong with a request's members, so that one answer names them all.</summary>
internal sealed partial class FieldChecks
{
    private readonly List<ApiFieldError> _errors = [];

    /// <summary>Labels and descriptions (events behaviour, section 2; ASCII word characters).</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9_\s\-.(),@:'`?#!]*\z")]
    public static partial Regex PlainText { get; }

    /// <summary>Event codes (section 4).</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9_.\-]+\z")]
    public static partial Regex EventCode { get; }

    /// <summary>Instance ids (section 3).</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9_\-:@./]*\z")]
    public static partial Regex InstanceId { get; }

    /// <summary>Documentation URLs (section 3).</summary>
    [GeneratedRegex(@"\A(https?://(([^/:.\s]+(\.[^/:.\s]+)*)|([0-9](\.[0-9]{3})))(:[0-9]+)?((/[^?#\s]+)(\?[^#\s]+)?(#.+)?)?/?)?\z")]
    public static partial Regex DocumentationUrl { get; }

    /// <summary>Sample templates (section 4).</summary>
    [GeneratedRegex(@"\A([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?\z")]
    public static partial Regex Base64 { get; }

    /// <summary>The answer when anything was wrong; null when nothing was.</summary>
    public ApiRefusal? Refusal => _errors.Count switch
    {
        0 => null,
        1 => ApiRefusal.BadRequest(_errors[0].Message, _errors),
        _ when _errors.TrueForAll(error => error.Field == _errors[0].Field) => ApiRefusal.BadRequest(string.Join(' ', _errors.Select(error => error.Message)), _errors),
        _ => ApiRefusal.BadRequest($"{_errors.DistinctBy(error => error.Field).Count()} members of the request are wrong; 'errors' names them.", _errors),
    };

    public void Add(string field, string message) => _errors.Add(new ApiFieldError(field, message));

    /// <summary>Every parameter of a query is one of these: a misspelt one would choose nothing, and nobody would notice.</summary>
    public void Known(IQueryCollection query, params IReadOnlyCollection<string> names)
    {
        foreach (var name in query.Keys.Where(name => !names.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            Add(Shown(name), $"'{Shown(name)}' is not known here. {(names.Count == 0 ? "Leave it out." : $"There are: {string.Join(", ", names)}.")}");
        }
    }

    /// <summary>A member that must be there: <paramref name="lengthMin"/> to <paramref name="lengthMax"/> characters.</summary>
    public void Required(string field, string? value, int lengthMin, int lengthMax, Regex? pattern = null)
    {
        if (value is null)
        {
            Add(field, $"'{field}' is missing. Give it as a string of {lengthMin} to {lengthMax} characters.");
            return;
        }

        Optional(field, value, lengthMin, lengthMax, pattern);
    }

    /// <summary>A member that may be absent; when it is there, its length and pattern count.</summary>
    public void Optional(string field, string? value, int lengthMin, int lengthMax, Regex? pattern = null)
    {
        if (value is null)
        {
            return;
        }

        if (value.Length < lengthMin || value.Length > lengthMax)
        {
            Add(field, $"'{field}' has {value.Length} characters. It takes {lengthMin} to {lengthMax}.");
        }
        else if (value.AsSpan().ContainsAnyInRange('\0', '\u0008') || value.AsSpan().ContainsAnyInRange('\u000e', '\u001f'))
        {
            Add(field, $"'{field}' contains a control character. Remove it.");
        }
        else if (pattern is not null && !pattern.IsMatch(value))
        {
            Add(field, $"'{field}' is '{Shown(value)}', which holds characters that are not allowed. It must match {pattern.ToString().Replace("\\A", "^", StringComparison.Ordinal).Replace("\\z", "$", StringComparison.Ordinal)}");
        }
    }

    /// <summary>A member that is shown in one line: it holds no line break and no other control character.</summary>
    public void OneLine(string field, string? value)
    {
        if (value is not null && value.Any(char.IsControl) && _errors.TrueForAll(error => error.Field != field))
        {
            Add(field, $"'{field}' contains a line break or another control character. Remove it.");
        }
    }

    /// <summary>A time that may be absent: null then, and when it was wrong.</summary>
    public DateTimeOffset? OptionalTime(string field, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        if (ApiTime.TryParse(value, out var at))
        {
            return at;
        }

        Add(field, $"'{field}' is '{Shown(value)}'. Give an ISO 8601 time in UTC, such as 2026-01-31T12:00:00Z.");
        return null;
    }

    /// <summary>A caller's value in a message: shortened, so that the answer stays small.</summary>
    public static string Shown(string value) => value.Length <= 100 ? value : string.Concat(value.AsSpan(0, 100), "…");
}
