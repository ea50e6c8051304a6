using System.Text;

namespace Signalbox.Filtering.Tests;

public sealed class FilterMatchingTests
{
    [Theory]
    [InlineData("""{"a":["x"],"b":["y"]}""", """{"a":"x","b":"y"}""", true)]
    [InlineData("""{"a":["x"],"b":["y"]}""", """{"a":"x"}""", false)]
    [InlineData("""{"a":["x","y"]}""", """{"a":"y"}""", true)]
    [InlineData("""{"data.user.id":["x"]}""", """{"data":{"user":{"id":"x"}}}""", true)]
    [InlineData("""{"data":{"user":{"id":["x"]}}}""", """{"data.user":{"id":"x"}}""", true)]
    [InlineData("""{"data":{"user":["x"]}}""", """{"data.user":"x"}""", true)]
    [InlineData("""{"xdm:repo name":["x"]}""", """{"xdm:repo name":"x"}""", true)]
    [InlineData("""{"":{"":["x"]}}""", """{".":"x"}""", true)]
    [InlineData("""{"A":["x"]}""", """{"a":"x"}""", false)]
    [InlineData("""{"data":{"prefix":["a"]}}""", """{"data":{"prefix":"a"}}""", true)]
    [InlineData("""{"a":["x"]}""", """{"\u0061":"\u0078"}""", true)]
    [InlineData("""{"\u0061":["\u0078"]}""", """{"a":"x"}""", true)]
    [InlineData("""{"a":{"b":["x"]},"a":{"c":["y"]}}""", """{"a":{"b":"x","c":"y"}}""", true)]
    [InlineData("""{"a":{"b":["x"]},"a":{"c":["y"]}}""", """{"a":{"b":"x"}}""", false)]
    public void Fields_are_joined_by_and_and_dots_are_levels(string filter, string @event, bool matches) =>
        Check(filter, @event, matches);

    [Theory]
    [InlineData("[1,2]", """{"a":2}""", true)]
    [InlineData("[2]", """{"a":[1,2,3]}""", true)]
    [InlineData("[2]", """{"a":[[1],[2,3]]}""", true)]
    [InlineData("[2]", """{"a":1,"a":2}""", true)]
    [InlineData("[1]", """{"a":1,"a":2}""", true)]
    [InlineData("[null]", """{"a":[]}""", false)]
    [InlineData("[null]", """{"a":{}}""", false)]
    public void Arrays_are_transparent_and_duplicates_all_count(string list, string @event, bool matches) =>
        Check($$"""{"a":{{list}}}""", @event, matches);

    [Theory]
    [InlineData("\"x\"", "\"x\"", true)]
    [InlineData("\"x\"", "\"X\"", false)]
    [InlineData("\"é\"", "\"e\\u0301\"", false)]
    [InlineData("\"5\"", "5", false)]
    [InlineData("5", "\"5\"", false)]
    [InlineData("true", "true", true)]
    [InlineData("true", "\"true\"", false)]
    [InlineData("false", "null", false)]
    [InlineData("null", "null", true)]
    [InlineData("null", "\"null\"", false)]
    [InlineData("null", "\"\"", false)]
    [InlineData("\"\\ud83d\\ude00\"", "\"😀\"", true)]
    [InlineData("\"\\ud83d\"", "\"\\ud83d\"", true)]
    [InlineData("\"\\ud83d\"", "\"\\ud83e\"", false)]
    [InlineData("\"\\ud83d\"", "\"\\ufffd\"", false)]
    [InlineData("\"\\ud83d\\ude00\"", "\"\\ud83dx\"", false)]
    [InlineData("\"a\\/b\\n\\\"\"", "\"a/b\\u000a\\u0022\"", true)]
    public void A_plain_entry_matches_the_same_value_of_the_same_kind(string entry, string value, bool matches) =>
        CheckValue(entry, value, matches);

    [Fact]
    public void Null_does_not_match_a_missing_field() => Check("""{"a":[null]}""", """{"b":null}""", false);

    [Theory]
    [InlineData("5", "5.0", true)]
    [InlineData("5", "5e0", true)]
    [InlineData("5", "0.5E+1", true)]
    [InlineData("500", "5e2", true)]
    [InlineData("-0", "0", true)]
    [InlineData("0", "-0.0e7", true)]
    [InlineData("0", "0e99999999999999999999", true)]
    [InlineData("0.1", "0.10", true)]
    [InlineData("0.1", "0.1000000000000000055511151231257827", false)]
    [InlineData("1e22", "10000000000000000000000", true)]
    [InlineData("9007199254740992", "9007199254740992.0", true)]
    [InlineData("9007199254740993", "9007199254740993", true)]
    [InlineData("9007199254740993", "9007199254740992", false)]
    [InlineData("9007199254740993", "9007199254740993.0", false)]
    [InlineData("12345678901234567890", "12345678901234567890", true)]
    [InlineData("12345678901234567890", "12345678901234567891", false)]
    [InlineData("1e400", "1e400", true)]
    [InlineData("1e400", "1E400", false)]
    [InlineData("1e-400", "0", false)]
    [InlineData("1e99999999999999999999", "1e99999999999999999999", true)]
    public void Numbers_are_equal_by_value_or_by_token(string entry, string value, bool matches) =>
        CheckValue(entry, value, matches);

    [Theory]
    [InlineData("\"::1\"", "\"0:0:0:0:0:0:0:1\"", true)]
    [InlineData("\"2001:DB8::A\"", "\"2001:db8:0::a\"", true)]
    [InlineData("\"10.0.0.1\"", "\"10.0.0.1\"", true)]
    [InlineData("\"10.0.0.1\"", "\"10.0.0.2\"", false)]
    [InlineData("\"::ffff:a00:1\"", "\"10.0.0.1\"", false)]
    [InlineData("\"::FFFF:1.2.3.4\"", "\"::ffff:1.2.3.4\"", false)]
    [InlineData("\"1:2\"", "\"1:2\"", true)]
    [InlineData("\"1:2\"", "\"01:2\"", false)]
    [InlineData("\"a::b::c\"", "\"A::B::C\"", false)]
    [InlineData("{\"anything-but\":\"::1\"}", "\"0::1\"", true)]
    public void Texts_that_are_both_addresses_are_compared_as_addresses(string entry, string value, bool matches) =>
        CheckValue(entry, value, matches);

    [Theory]
    [InlineData("{\"prefix\":\"ab\"}", "\"abc\"", true)]
    [InlineData("{\"prefix\":\"ab\"}", "\"ab\"", true)]
    [InlineData("{\"prefix\":\"ab\"}", "\"a\"", false)]
    [InlineData("{\"prefix\":\"ab\"}", "\"Abc\"", false)]
    [InlineData("{\"prefix\":\"\"}", "\"\"", true)]
    [InlineData("{\"prefix\":\"\"}", "5", false)]
    [InlineData("{\"prefix\":\"5\"}", "55", false)]
    [InlineData("{\"prefix\":\"é\"}", "\"\\u00e9t\\u00e9\"", true)]
    [InlineData("{\"suffix\":\"bc\"}", "\"abc\"", true)]
    [InlineData("{\"suffix\":\"bc\"}", "\"c\"", false)]
    [InlineData("{\"suffix\":\"\"}", "\"x\"", true)]
    [InlineData("{\"suffix\":\"e\"}", "true", false)]
    [InlineData("{\"prefix\":{\"equals-ignore-case\":\"ÄB\"}}", "\"äbc\"", true)]
    [InlineData("{\"prefix\":{\"equals-ignore-case\":\"ÄB\"}}", "\"abc\"", false)]
    [InlineData("{\"suffix\":{\"equals-ignore-case\":\"ß.PNG\"}}", "\"straß.png\"", true)]
    [InlineData("{\"equals-ignore-case\":\"ÉTÉ\"}", "\"été\"", true)]
    [InlineData("{\"equals-ignore-case\":\"straße\"}", "\"STRASSE\"", false)]
    [InlineData("{\"equals-ignore-case\":\"ΣΑΣ\"}", "\"σας\"", true)]
    [InlineData("{\"equals-ignore-case\":\"\\ud801\\udc00\"}", "\"\\ud801\\udc28\"", true)]
    [InlineData("{\"equals-ignore-case\":\"i\"}", "\"I\"", true)]
    [InlineData("{\"equals-ignore-case\":\"i\"}", "\"\\u0130\"", false)]
    [InlineData("{\"equals-ignore-case\":\"null\"}", "null", false)]
    [InlineData("{\"equals-ignore-case\":\"\"}", "\"\"", true)]
    public void Text_operators_match_texts_only(string entry, string value, bool matches) =>
        CheckValue(entry, value, matches);

    [Theory]
    [InlineData("\"x\"", "\"x\"", false)]
    [InlineData("\"x\"", "\"X\"", true)]
    [InlineData("\"x\"", "null", true)]
    [InlineData("\"x\"", "false", true)]
    [InlineData("\"5\"", "5", true)]
    [InlineData("5", "5.0", false)]
    [InlineData("5", "\"5\"", true)]
    [InlineData("5", "9007199254740993", true)]
    [InlineData("9007199254740992", "9007199254740993", true)]
    [InlineData("0", "-0", false)]
    [InlineData("[\"x\",\"y\"]", "\"y\"", false)]
    [InlineData("[1,2]", "3", true)]
    [InlineData("[1,2]", "2e0", false)]
    [InlineData("\"x\"", "[\"x\",\"y\"]", true)]
    [InlineData("\"x\"", "[\"x\",\"x\"]", false)]
    [InlineData("\"x\"", "[]", false)]
    [InlineData("\"x\"", "{}", false)]
    [InlineData("\"x\"", "{\"y\":1}", false)]
    [InlineData("{\"prefix\":\"ab\"}", "\"abc\"", false)]
    [InlineData("{\"prefix\":[\"ab\",\"x\"]}", "\"xyz\"", false)]
    [InlineData("{\"prefix\":[\"ab\",\"x\"]}", "\"a\"", true)]
    [InlineData("{\"suffix\":\"bc\"}", "\"abc\"", false)]
    [InlineData("{\"suffix\":\"5\"}", "55", true)]
    [InlineData("{\"equals-ignore-case\":[\"Ä\",\"b\"]}", "\"ä\"", false)]
    [InlineData("{\"equals-ignore-case\":\"a\"}", "\"aa\"", true)]
    public void Anything_but_matches_every_present_value_that_is_not_listed(string argument, string value, bool matches) =>
        CheckValue($$"""{"anything-but":{{argument}}}""", value, matches);

    [Fact]
    public void Anything_but_needs_a_value_unless_absence_is_listed_beside_it()
    {
        Check("""{"a":[{"anything-but":"x"}]}""", "{}", false);
        Check("""{"a":[{"anything-but":"x"},{"exists":false}]}""", "{}", true);
        Check("""{"a":[{"anything-but":"x"},{"exists":false}]}""", """{"a":"x"}""", false);
        Check("""{"a":[{"anything-but":"x"},{"anything-but":"y"}]}""", """{"a":"x"}""", true);
    }

    [Theory]
    [InlineData("[\"=\",5]", "5.0", true)]
    [InlineData("[\"=\",5]", "\"5\"", false)]
    [InlineData("[\">\",5]", "5", false)]
    [InlineData("[\">\",5]", "5.0000001", true)]
    [InlineData("[\">=\",5]", "5", true)]
    [InlineData("[\"<\",5]", "-1e300", true)]
    [InlineData("[\"<\",5]", "true", false)]
    [InlineData("[\"<=\",5]", "5e0", true)]
    [InlineData("[\"<=\",5]", "null", false)]
    [InlineData("[\">\",1,\"<=\",2]", "1", false)]
    [InlineData("[\">\",1,\"<=\",2]", "2", true)]
    [InlineData("[\">=\",1,\"<\",2]", "1", true)]
    [InlineData("[\">=\",1,\"<\",2]", "2", false)]
    [InlineData("[\">\",1]", "9007199254740993", false)]
    [InlineData("[\">\",1]", "1e400", false)]
    [InlineData("[\">\",1]", "[0,3]", true)]
    [InlineData("[\">=\",0]", "-0", true)]
    public void Numeric_matches_comparable_numbers_within_its_bounds(string range, string value, bool matches) =>
        CheckValue($$"""{"numeric":{{range}}}""", value, matches);

    [Theory]
    [InlineData(true, """{"a":null}""", true)]
    [InlineData(true, """{"a":""}""", true)]
    [InlineData(true, """{"a":0}""", true)]
    [InlineData(true, """{"a":[1]}""", true)]
    [InlineData(true, """{"a":{"b":1}}""", false)]
    [InlineData(true, """{"a":[{"b":1}]}""", false)]
    [InlineData(true, """{"a":[]}""", false)]
    [InlineData(true, """{"a":{}}""", false)]
    [InlineData(true, """{"b":1}""", false)]
    [InlineData(false, """{"b":1}""", true)]
    [InlineData(false, """{"a":{"b":1}}""", true)]
    [InlineData(false, """{"a":[]}""", true)]
    [InlineData(false, """{"a":null}""", false)]
    public void Exists_asks_for_a_leaf(bool exists, string @event, bool matches) =>
        Check($$"""{"a":[{"exists":{{(exists ? "true" : "false")}}}]}""", @event, matches);

    [Fact]
    public void An_absent_parent_makes_a_field_absent() => Check("""{"a":{"b":[{"exists":false}]}}""", "{}", true);

    [Theory]
    [InlineData("10.0.0.0/8", "\"10.255.0.1\"", true)]
    [InlineData("10.0.0.77/8", "\"10.0.0.1\"", true)]
    [InlineData("10.0.0.0/8", "\"11.0.0.1\"", false)]
    [InlineData("0.0.0.0/0", "\"255.255.255.255\"", true)]
    [InlineData("0.0.0.0/0", "\"::1\"", false)]
    [InlineData("::/0", "\"10.0.0.1\"", false)]
    [InlineData("2001:db8::/33", "\"2001:db8:7fff::1\"", true)]
    [InlineData("2001:db8::/33", "\"2001:db8:8000::1\"", false)]
    [InlineData("::2/127", "\"::3\"", true)]
    [InlineData("10.0.0.0/8", "\"example.com\"", false)]
    [InlineData("10.0.0.0/8", "10", false)]
    [InlineData("::/0", "\"::ffff:1.2.3.4\"", false)]
    [InlineData("10.0.0.0/8", "\"10.0.0\"", false)]
    [InlineData("10.0.0.0/8", "\"10.0.0.256\"", false)]
    public void Cidr_matches_addresses_of_its_own_family(string cidr, string value, bool matches) =>
        CheckValue($$"""{"cidr":"{{cidr}}"}""", value, matches);

    [Theory]
    [InlineData("""{"$or":[{"a":[1]},{"b":[1]}]}""", """{"b":1}""", true)]
    [InlineData("""{"$or":[{"a":[1]},{"b":[1]}]}""", """{"c":1}""", false)]
    [InlineData("""{"c":[1],"$or":[{"a":[1]},{"b":[1]}]}""", """{"b":1}""", false)]
    [InlineData("""{"c":[1],"$or":[{"a":[1]},{"b":[1]}]}""", """{"b":1,"c":1}""", true)]
    [InlineData("""{"$or":[{"a":[1]},{"b":[1]}],"$or":[{"c":[1]},{"d":[1]}]}""", """{"a":1}""", false)]
    [InlineData("""{"$or":[{"a":[1]},{"b":[1]}],"$or":[{"c":[1]},{"d":[1]}]}""", """{"a":1,"d":1}""", true)]
    [InlineData("""{"x":{"$or":[{"a":[1]},{"b":{"$or":[{"c":[1]},{"d":[1]}]}}]}}""", """{"x":{"b":{"d":1}}}""", true)]
    [InlineData("""{"x":{"$or":[{"a":[1]},{"b":[1]}]}}""", """{"a":1}""", false)]
    public void Or_needs_one_of_its_branches(string filter, string @event, bool matches) => Check(filter, @event, matches);

    [Theory]
    [InlineData("""{"e":{"f":["Anna"],"l":["Smith"]}}""", """{"e":[{"f":"Anna","l":"Jones"},{"f":"Bob","l":"Smith"}]}""", false)]
    [InlineData("""{"e":{"f":["Anna"],"l":["Jones"]}}""", """{"e":[{"f":"Bob"},{"f":"Anna","l":"Jones"}]}""", true)]
    [InlineData("""{"a":{"x":[1]},"b":{"x":[2]}}""", """{"a":[{"x":0},{"x":1}],"b":[{"x":2},{"x":0}]}""", true)]
    [InlineData("""{"o":{"i":{"x":[1],"y":[1]}}}""", """{"o":[{"i":[{"x":1},{"y":1}]},{"i":[{"x":1,"y":2}]}]}""", false)]
    [InlineData("""{"o":{"i":{"x":[1],"y":[1]}}}""", """{"o":[{"i":[{"x":1},{"y":1}]},{"i":[{"x":1,"y":1}]}]}""", true)]
    [InlineData("""{"o":{"i":{"x":[1]},"j":{"x":[1]}}}""", """{"o":[{"i":[{"x":0},{"x":1}],"j":[{"x":1},{"x":0}]}]}""", true)]
    [InlineData("""{"o":{"i":{"x":[1]},"j":{"x":[1]}}}""", """{"o":[{"i":[{"x":1}]},{"j":[{"x":1}]}]}""", false)]
    [InlineData("""{"e":{"f":["Anna"],"l":[{"exists":false}]}}""", """{"e":[{"f":"Anna"},{"f":"Bob","l":"x"}]}""", true)]
    [InlineData("""{"e":{"f":["Anna"],"l":[{"exists":false}]}}""", """{"e":[{"f":"Anna","l":"x"},{"f":"Bob"}]}""", false)]
    [InlineData("""{"e":{"f":[{"exists":false}],"l":["x"]}}""", """{"e":[{"f":"Anna"},{"l":"x"}]}""", false)]
    [InlineData("""{"e":{"x":[{"exists":false}]}}""", """{"e":[{"x":1},{"y":1}]}""", false)]
    [InlineData("""{"e":{"t":["a"],"x":[1]}}""", """{"e":[{"t":["a","b"],"x":2},{"t":["c"],"x":1}]}""", false)]
    [InlineData("""{"e":{"t":["a"],"x":[1]}}""", """{"e":[{"t":["b","a"],"x":1}]}""", true)]
    [InlineData("""{"e":{"x":[1],"y":[2]}}""", """{"e":[[{"x":1}],[{"y":2}]]}""", false)]
    [InlineData("""{"e":{"x":[1],"y":[2]}}""", """{"e":[[{"x":1,"y":2}]]}""", true)]
    public void Fields_inside_one_array_are_satisfied_by_one_element(string filter, string @event, bool matches) =>
        Check(filter, @event, matches);

    private static void CheckValue(string entry, string value, bool matches) =>
        Check($$"""{"a":[{{entry}}]}""", $$"""{"a":{{value}}}""", matches);

    /// <summary>Also beside another field, where the index has to keep the value and verify it afterwards.</summary>
    private static void Check(string filter, string @event, bool matches)
    {
        Assert.Equal(matches, Matches(filter, @event));
        Assert.Equal(matches, Matches($$"""{"~":["~"],{{filter[1..]}}""", $$"""{"~":"~"{{(@event == "{}" ? "" : ",")}}{{@event[1..]}}"""));
    }

    private static bool Matches(string filter, string @event)
    {
        var parsed = EventFilter.Parse(filter);
        Assert.True(parsed.IsValid, parsed.Error?.ToString());
        return parsed.Filter.Matches(Encoding.UTF8.GetBytes(@event));
    }
}
