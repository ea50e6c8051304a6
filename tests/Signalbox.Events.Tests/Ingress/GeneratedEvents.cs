using System.Text;

namespace Signalbox.Events.Tests.Ingress;

/// <summary>CloudEvents and things that nearly are; everything follows from the seed.</summary>
internal sealed class GeneratedEvents(int seed)
{
    private static readonly string[] _names =
    [
        "id", "source", "type", "specversion", "time", "datacontenttype", "dataschema", "subject", "data", "ext", "comexample1", "partitionkey",
        "myAttr", "my_attr", "my-attr", "", "Id", "phidata", "eventid", "averyveryverylongextensionattributename",
    ];

    private static readonly string[] _values =
    [
        "\"x\"", "\"\"", "null", "true", "7", "-1", "1.5", "1e3", "12345678901234567890", "{}", "[]", "[1,{\"a\":null}]", "\"1.0\"", "\"0.3\"", "\"1.1\"",
        "\"2026-01-31T23:59:59Z\"", "\"2026-02-30T00:00:00Z\"", "\"2026-01-31 23:59:59Z\"", "\"2026-01-31T23:59:59.123456789+02:00\"", "\"yesterday\"",
        "\"application/json\"", "\"application/json; charset=utf-8\"", "\"https://example.com/schema\"", "\"not a uri\"", "\"é😀\"", "\"\\u00e9\"",
        "\"\\u0000\"", "\"\\u0007\"", "\"\\u007f\"", "\"\\ud83d\\ude00\"", "\"a b\"",
    ];

    private static readonly string[] _crumbs =
    [
        "{", "}", "[", "]", "\"", ",", ":", "\\", "\\u", "\\ud800", "null", "true", "1e9999", "-", "0", "\0", "\n", "é", "\uFEFF", "//", "'", "{\"a\":", "[[[[[[[[",
        "\"id\":", "\"data\":", "\"data_base64\":", "%", "%00", "%C3", "%C3%A9",
    ];

    private readonly Random _random = new(seed);

    public int Below(int count) => _random.Next(count);

    public T One<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    /// <summary>An event that is in order but for what was changed, added or left out here and there.</summary>
    public string Event(string source = "urn:uuid:11111111-2222-3333-4444-555555555555")
    {
        var members = new List<(string Name, string Value)>
        {
            ("specversion", "\"1.0\""), ("id", "\"1\""), ("source", $"\"{source}\""), ("type", "\"a.b\""), ("data", One(["{}", "1", "\"x\"", "null", "[1.0]"])),
        };
        for (var change = Below(4); change > 0; change--)
        {
            switch (Below(4))
            {
                case 0:
                    members.RemoveAt(Below(members.Count));
                    break;
                case 1:
                    var place = Below(members.Count);
                    members[place] = (members[place].Name, One(_values));
                    break;
                default:
                    members.Add((One(_names), One(_values)));
                    break;
            }
        }

        return "{" + string.Join(',', members.OrderBy(_ => Below(100)).Select(m => $"\"{m.Name}\":{m.Value}")) + "}";
    }

    /// <summary>Headers of an event in binary mode, with the same kinds of mistakes.</summary>
    public List<(string Name, string Value)> Headers(string source)
    {
        var headers = new List<(string Name, string Value)>
        {
            ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", source), ("ce-type", "a.b"),
        };
        for (var change = Below(4); change > 0; change--)
        {
            var value = One(_values).Trim('"') + (Below(3) == 0 ? One(["%", "%4", "%41", "%C3%A9", "%FF", "%E2%82%AC", "\"", "\\", "%00"]) : "");
            if (Below(3) == 0)
            {
                var place = Below(headers.Count);
                headers[place] = (headers[place].Name, value);
            }
            else
            {
                headers.Add(("ce-" + One(_names), value));
            }
        }

        return headers;
    }

    /// <summary>The text with pieces removed, repeated and strewn in, then perhaps some bytes changed.</summary>
    public byte[] Damaged(string text)
    {
        for (var change = Below(4); change > 0; change--)
        {
            var place = Below(text.Length + 1);
            var length = Math.Min(Below(8), text.Length - place);
            text = Below(4) switch
            {
                0 => text.Remove(place, length),
                1 => text.Insert(place, One(_crumbs)),
                2 => text.Insert(Below(text.Length + 1), text.Substring(place, length)),
                _ => text[..place] + One(_crumbs) + text[(place + length)..],
            };
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        for (var damage = Below(3); damage > 0 && bytes.Length > 0; damage--)
        {
            bytes[Below(bytes.Length)] = (byte)Below(256);
        }

        return bytes;
    }
}
