using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Signalbox.Filtering.Tests.Reference;

/// <summary>Makes filters and events from a seed, over a small world in which they often meet.</summary>
internal sealed class Generator(int seed)
{
    private static readonly string[] Names =
        ["a", "a", "a", "a", "b", "b", "b", "b", "c", "c", "a.b", "b.c", "a.b.c", "", "prefix", "a-b", "ä"];

    private static readonly string[] Texts =
    [
        "", "a", "b", "ab", "abc", "aBc", "ABC", "bc", "BC", "straße", "STRASSE", "äÖ", "Äö", "ÄÖ", "é😀", "😀", "\"q\\", "null",
        "10.0.0.1", "10.0.0.2", "10.0.0.01", "10.1.0.1", "::1", "0:0:0:0:0:0:0:1", "::A", "::a", "2001:db8::1", "1:2", "a.b", "5",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "0.0", "0e5", "5", "5.0", "5e0", "50e-1", "-5", "1", "1.5", "2", "10", "1e1", "0.1", "0.10", "1E-1", "1e22", "1e23",
        "123456789012345", "9007199254740992", "9007199254740993", "12345678901234567890", "1e400", "-1e400", "1e-400",
        "0.30000000000000004", "0.300000000000000044", "123456789012345678", "5e-324", "1.7976931348623157e308",
    ];

    private static readonly string[] Bounds = ["-5", "0", "0.1", "1", "1.5", "2", "5.0", "10", "9007199254740992", "1e22"];

    private static readonly string[] Networks =
        ["10.0.0.0/8", "10.0.0.3/30", "0.0.0.0/0", "::/0", "2001:db8::/32", "::8/124", "10.0.0.1/31", "::/127"];

    private readonly Random _random = new(seed);

    public int Below(int limit) => _random.Next(limit);

    public string Filter() => Object(0, 0);

    /// <summary>Nested objects and arrays, with the same names again and again, some twice in one object.</summary>
    public string Event() => EventObject(0);

    /// <summary>Several fields inside nested arrays, so that whether they match hangs on the choice of elements.</summary>
    public string ArrayFilter()
    {
        string[] paths = ["a.b.x", "a.b.y", "a.c.x", "a.c.y", "a.x", "a.y", "d.x", "d.y"];
        var tests = paths.Where(_ => Chance(45)).Select(path => $"\"{path}\":[{(Chance(20) ? "{\"exists\":false}" : Below(2))}]");
        return $"{{\"a.z\":[1,{{\"exists\":{(Chance(50) ? "true" : "false")}}}],{string.Join(',', tests)}}}".Replace(",}", "}", StringComparison.Ordinal);
    }

    /// <summary>The arrays for <see cref="ArrayFilter"/>; now and then a name stands twice in an object.</summary>
    public string ArrayEvent()
    {
        var d = Elements(() => Members(""));
        return $"{{\"a\":{Outer()},\"d\":{d}{(Chance(10) ? $",\"a\":{Outer()}" : "")}}}";

        string Outer() => Elements(() => Members($"\"b\":{Elements(() => Members(""))},\"c\":{Elements(() => Members(""))},"));

        string Elements(Func<string> element) =>
            $"[{string.Join(',', Enumerable.Range(0, Below(4)).Select(_ => Chance(10) ? $"[{element()},{element()}]" : element()))}]";

        string Members(string inner)
        {
            var scalars = new[] { "x", "y", "z" }.Where(_ => Chance(60)).Select(name => $"\"{name}\":{Below(2)}");
            return $"{{{inner}{string.Join(',', scalars)}}}".Replace(",}", "}", StringComparison.Ordinal);
        }
    }

    private bool Chance(int percent) => _random.Next(100) < percent;

    private string Pick(string[] from) => from[_random.Next(from.Length)];

    private string Object(int depth, int orDepth)
    {
        var members = new List<string>();
        for (var count = 1 + (Chance(55) ? 0 : Below(3)); count > 0; count--)
        {
            if (orDepth < 2 && Chance(10))
            {
                members.Add($"\"$or\":[{string.Join(',', Enumerable.Range(0, 2 + Below(2)).Select(_ => Object(depth, orDepth + 1)))}]");
                continue;
            }
            var name = Pick(Names);
            if (orDepth > 0 && name == "prefix") name = "a";
            members.Add(depth < 3 && Chance(35)
                ? $"{Quote(name)}:{Object(depth + 1, orDepth)}"
                : $"{Quote(name)}:{List()}");
        }
        return $"{{{string.Join(',', members)}}}";
    }

    private string List() => $"[{string.Join(',', Enumerable.Range(0, 1 + Below(Chance(10) ? 8 : 2)).Select(_ => Entry()))}]";

    private string Entry() => Below(16) switch
    {
        0 or 1 => Quote(Pick(Texts)),
        2 or 3 => Pick(Numbers),
        4 => Literal(),
        5 => $"{{\"prefix\":{Quote(Pick(Texts))}}}",
        6 => $"{{\"suffix\":{Quote(Pick(Texts))}}}",
        7 => $"{{\"{(Chance(50) ? "prefix" : "suffix")}\":{{\"equals-ignore-case\":{Quote(Pick(Texts))}}}}}",
        8 => $"{{\"equals-ignore-case\":{Quote(Pick(Texts))}}}",
        9 => $"{{\"cidr\":\"{Pick(Networks)}\"}}",
        10 or 11 => $"{{\"numeric\":{Range()}}}",
        12 or 13 => $"{{\"anything-but\":{Refused()}}}",
        14 => "{\"exists\":true}",
        _ => "{\"exists\":false}",
    };

    private string Range()
    {
        var low = Below(Bounds.Length - 1);
        var high = low + 1 + Below(Bounds.Length - low - 1);
        return Below(3) switch
        {
            0 => $"[\"=\",{Bounds[low]}]",
            1 => $"[\"{Pick(["<", "<=", ">", ">="])}\",{Bounds[low]}]",
            _ => $"[\"{Pick([">", ">="])}\",{Bounds[low]},\"{Pick(["<", "<="])}\",{Bounds[high]}]",
        };
    }

    private string Refused()
    {
        var texts = Enumerable.Range(0, 1 + Below(5)).Select(_ => Quote(Pick(Texts))).ToList();
        return Below(6) switch
        {
            0 => texts[0],
            1 => Pick(Bounds),
            2 => $"[{string.Join(',', texts)}]",
            3 => $"[{string.Join(',', Enumerable.Range(0, 1 + Below(3)).Select(_ => Pick(Bounds)))}]",
            4 => $"{{\"equals-ignore-case\":[{string.Join(',', texts)}]}}",
            _ => $"{{\"{(Chance(50) ? "prefix" : "suffix")}\":{Quote(Pick([.. Texts.Where(text => text.Length > 0)]))}}}",
        };
    }

    private string EventObject(int depth)
    {
        var members = Enumerable.Range(0, depth == 0 ? 2 + Below(4) : Below(4))
            .Select(_ => $"{Quote(Pick(Names))}:{Value(depth + 1)}");
        return $"{{{string.Join(", ", members)}}}";
    }

    private string Value(int depth)
    {
        if (depth < 5 && Chance(35)) return EventObject(depth);
        if (depth < 5 && Chance(40)) return $"[{string.Join(" ,", Enumerable.Range(0, Below(4)).Select(_ => Value(depth + 1)))}]";
        return Below(5) switch
        {
            0 or 1 => Quote(Pick(Texts)),
            2 or 3 => Pick(Numbers),
            _ => Literal(),
        };
    }

    private string Literal() => Pick(["true", "false", "null"]);

    /// <summary>Spells a text as JSON, with escapes where there need not be any.</summary>
    private string Quote(string text)
    {
        if (Chance(60)) return JsonSerializer.Serialize(text);
        var quoted = new StringBuilder("\"");
        foreach (var unit in text)
        {
            if (Chance(30) || char.IsSurrogate(unit) || unit is '"' or '\\')
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }
            else
            {
                quoted.Append(unit);
            }
        }
        return quoted.Append('"').ToString();
    }
}
