namespace Signalbox.Filtering.Tests;

public sealed class FilterRejectionTests
{
    [Theory]
    [InlineData("", "Filter is not an object")]
    [InlineData("  ", "Filter is not an object")]
    [InlineData("[]", "Filter is not an object")]
    [InlineData("\"a\"", "Filter is not an object")]
    [InlineData("null", "Filter is not an object")]
    [InlineData("{}", "Empty objects are not allowed")]
    [InlineData("""{"a":{}}""", "Empty objects are not allowed")]
    [InlineData("""{"a":{"b":{"c":{}}}}""", "Empty objects are not allowed")]
    [InlineData("""{"$or":[{"a":[1]},{}]}""", "Empty objects are not allowed")]
    [InlineData("""{"a":[]}""", "Empty arrays are not allowed")]
    [InlineData("""{"a":"x"}""", "\"a\" must be an object or an array")]
    [InlineData("""{"a":{"b c":5}}""", "\"b c\" must be an object or an array")]
    [InlineData("""{"a":null}""", "\"a\" must be an object or an array")]
    [InlineData("""{"$or":[{"a":true},{"b":[1]}]}""", "\"a\" must be an object or an array")]
    [InlineData("""{"a":[[1]]}""", "Match value must be String, number, true, false, or null")]
    [InlineData("""{"a":[{}]}""", "Match expression name not found")]
    public void A_text_that_is_no_filter_is_refused(string text, string message) => Refused(text, message);

    [Theory]
    [InlineData("""{"a":[{"prefix":"x","suffix":"y"}]}""", "Only one key allowed in match expression")]
    [InlineData("""{"a":[{"suffix":"x","suffix":"x"}]}""", "Only one key allowed in match expression")]
    [InlineData("""{"a":[{"exists":true,"x":1}]}""", "Only one key allowed in match expression")]
    [InlineData("""{"a":[{"numeric":["=",1],"x":1}]}""", "Only one key allowed in match expression")]
    [InlineData("""{"a":[{"cidr":"10.0.0.0/8","x":1}]}""", "Only one key allowed in match expression")]
    [InlineData("""{"a":[{"equals-ignore-case":"x","x":1}]}""", "Only one key allowed in match expression")]
    [InlineData("""{"a":[{"anything-but":"x","x":1}]}""", "Only one key allowed in match expression")]
    [InlineData("""{"a":[{"anything-but":{"prefix":"x","suffix":"y"}}]}""", "Only one key allowed in match expression")]
    [InlineData("""{"a":[{"prefix":{"equals-ignore-case":"x","x":1}}]}""", "Only one key allowed in match expression")]
    [InlineData("""{"a":[{"equals":"x"}]}""", "Unrecognized match type equals")]
    [InlineData("""{"a":[{"wildcard":"x*"}]}""", "Unrecognized match type wildcard")]
    [InlineData("""{"a":[{"Prefix":"x"}]}""", "Unrecognized match type Prefix")]
    [InlineData("""{"a":[{"exactly":"x"}]}""", "Unsupported match type exactly; write the plain string instead")]
    public void An_expression_has_one_known_operator(string text, string message) => Refused(text, message);

    [Theory]
    [InlineData("""{"a":[{"prefix":5}]}""", "prefix match pattern must be a string")]
    [InlineData("""{"a":[{"prefix":["x"]}]}""", "prefix match pattern must be a string")]
    [InlineData("""{"a":[{"suffix":null}]}""", "suffix match pattern must be a string")]
    [InlineData("""{"a":[{"prefix":{"suffix":"x"}}]}""", "Unsupported prefix pattern: suffix")]
    [InlineData("""{"a":[{"suffix":{"anything-but":"x"}}]}""", "Unsupported suffix pattern: anything-but")]
    [InlineData("""{"a":[{"prefix":{}}]}""", "Prefix expression name not found")]
    [InlineData("""{"a":[{"suffix":{}}]}""", "Suffix expression name not found")]
    [InlineData("""{"a":[{"prefix":{"equals-ignore-case":5}}]}""", "equals-ignore-case match pattern must be a string")]
    [InlineData("""{"a":[{"equals-ignore-case":["x"]}]}""", "equals-ignore-case match pattern must be a string")]
    [InlineData("""{"a":[{"equals-ignore-case":7}]}""", "equals-ignore-case match pattern must be a string")]
    [InlineData("""{"a":[{"exists":"true"}]}""", "exists match pattern must be either true or false.")]
    [InlineData("""{"a":[{"exists":null}]}""", "exists match pattern must be either true or false.")]
    public void A_text_operator_wants_a_string_and_exists_wants_a_boolean(string text, string message) => Refused(text, message);

    [Theory]
    [InlineData("true", "Value of anything-but must be an array or single string/number value.")]
    [InlineData("null", "Value of anything-but must be an array or single string/number value.")]
    [InlineData("""{"prefix":true}""", "Value of anything-but must be an array or single string/number value.")]
    [InlineData("""{"prefix":{"equals-ignore-case":"x"}}""", "Value of anything-but must be an array or single string/number value.")]
    [InlineData("{}", "Anything-But expression name not found")]
    [InlineData("""{"wildcard":"x"}""", "Unsupported anything-but pattern: wildcard")]
    [InlineData("""{"numeric":["=",1]}""", "Unsupported anything-but pattern: numeric")]
    [InlineData("""{"cidr":"10.0.0.0/8"}""", "Unsupported anything-but pattern: cidr")]
    [InlineData("[]", "Inside anything but list, either all values are number or string, mixed type is not supported")]
    [InlineData("""["x",1]""", "Inside anything but list, either all values are number or string, mixed type is not supported")]
    [InlineData("""[1,"x"]""", "Inside anything but list, either all values are number or string, mixed type is not supported")]
    [InlineData("""["x",null]""", "Inside anything but list, start|null|boolean is not supported.")]
    [InlineData("[false]", "Inside anything but list, start|null|boolean is not supported.")]
    [InlineData("[[1]]", "Inside anything but list, start|null|boolean is not supported.")]
    [InlineData("""[{"prefix":"x"}]""", "Inside anything but list, start|null|boolean is not supported.")]
    [InlineData("1e400", "Cannot compare number : 1e400")]
    [InlineData("[1,9007199254740993]", "Cannot compare number : 9007199254740993")]
    [InlineData("""{"equals-ignore-case":["x",1]}""", "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.")]
    [InlineData("""{"equals-ignore-case":5}""", "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.")]
    [InlineData("""{"prefix":""}""", "Null prefix/suffix not allowed")]
    [InlineData("""{"suffix":["x",""]}""", "Null prefix/suffix not allowed")]
    [InlineData("""{"prefix":[5]}""", "prefix/suffix match pattern must be a string")]
    [InlineData("""{"suffix":5}""", "prefix/suffix match pattern must be a string")]
    [InlineData("""{"prefix":[]}""", "Empty arrays are not allowed")]
    [InlineData("""{"suffix":[]}""", "Empty arrays are not allowed")]
    [InlineData("""{"equals-ignore-case":[]}""", "Empty arrays are not allowed")]
    public void Anything_but_wants_texts_or_numbers(string argument, string message) =>
        Refused($$"""{"a":[{"anything-but":{{argument}}}]}""", message);

    [Theory]
    [InlineData("5", "Value of numeric must be an array.")]
    [InlineData("""{"=":5}""", "Value of numeric must be an array.")]
    [InlineData("[5]", "Invalid member in numeric match: 5")]
    [InlineData("[]", "Invalid member in numeric match: ]")]
    [InlineData("""[">"]""", "Value of > must be numeric")]
    [InlineData("""[">=","5"]""", "Value of >= must be numeric")]
    [InlineData("""["<",null]""", "Value of < must be numeric")]
    [InlineData("""["<=",true]""", "Value of <= must be numeric")]
    [InlineData("""["=","5"]""", "Value of equals must be numeric")]
    [InlineData("""[">",1,"<","5"]""", "Value of < must be numeric")]
    [InlineData("""["!=",5]""", "Unrecognized numeric range operator: !=")]
    [InlineData("""[">",1,">",5]""", "Bad numeric range operator: >")]
    [InlineData("""[">",1,5]""", "Bad value in numeric range: 5")]
    [InlineData("""["=",1,2]""", "Too many elements in numeric expression")]
    [InlineData("""["<",5,">",1]""", "Too many elements in numeric expression")]
    [InlineData("""[">",1,"<",5,6]""", "Too many terms in numeric range expression")]
    [InlineData("""[">=",5,"<=",5]""", "Bottom must be less than top")]
    [InlineData("""[">",5,"<",4.9]""", "Bottom must be less than top")]
    [InlineData("""[">",1e400]""", "Cannot compare number : 1e400")]
    [InlineData("""["=",12345678901234567890]""", "Cannot compare number : 12345678901234567890")]
    [InlineData("""[">",1,"<",9007199254740993]""", "Cannot compare number : 9007199254740993")]
    public void Numeric_wants_one_or_two_bounds(string argument, string message) =>
        Refused($$"""{"a":[{"numeric":{{argument}}}]}""", message);

    [Theory]
    [InlineData("5", "cidr match pattern must be a string")]
    [InlineData("\"10.0.0.0\"", "Malformed CIDR, one '/' required")]
    [InlineData("\"10.0.0.0/\"", "Malformed CIDR, one '/' required")]
    [InlineData("\"10.0.0.0/8/8\"", "Malformed CIDR, one '/' required")]
    [InlineData("\"10.0.0.0/x\"", "Malformed CIDR, mask bits must be an integer")]
    [InlineData("\"10.0.0.0/99999999999\"", "Malformed CIDR, mask bits must be an integer")]
    [InlineData("\"10.0.0.0/-1\"", "Malformed CIDR, mask bits must not be negative")]
    [InlineData("\"10.0.0.0/32\"", "IPv4 mask bits must be < 32")]
    [InlineData("\"::1/128\"", "IPv6 mask bits must be < 128")]
    [InlineData("\"300.0.0.0/8\"", "Invalid IP address: 300.0.0.0")]
    [InlineData("\"1:::2/8\"", "Invalid IP address: 1:::2")]
    [InlineData("\"example.com/8\"", "Nonstandard IP address: example.com")]
    [InlineData("\"::ffff:1.2.3.4/96\"", "Nonstandard IP address: ::ffff:1.2.3.4")]
    [InlineData("\"/8\"", "Nonstandard IP address: ")]
    public void Cidr_wants_an_address_and_bits(string argument, string message) =>
        Refused($$"""{"a":[{"cidr":{{argument}}}]}""", message);

    [Theory]
    [InlineData("""{"$or":{"a":[1]}}""", "It must be an Array followed with $or.")]
    [InlineData("""{"$or":"x"}""", "It must be an Array followed with $or.")]
    [InlineData("""{"$or":[]}""", "There must have at least 2 Objects in $or relationship.")]
    [InlineData("""{"$or":[{"a":[1]}]}""", "There must have at least 2 Objects in $or relationship.")]
    [InlineData("""{"$or":[{"a":[1]},1]}""", "Only JSON object is allowed in array of $or relationship.")]
    [InlineData("""{"$or":[{"a":[1]},[{"b":[1]}]]}""", "Only JSON object is allowed in array of $or relationship.")]
    public void Or_wants_two_objects(string text, string message) => Refused(text, message);

    [Theory]
    [InlineData("exactly")]
    [InlineData("equals-ignore-case")]
    [InlineData("prefix")]
    [InlineData("suffix")]
    [InlineData("anything-but")]
    [InlineData("exists")]
    [InlineData("wildcard")]
    [InlineData("numeric")]
    [InlineData("cidr")]
    [InlineData("=")]
    [InlineData("<")]
    [InlineData("<=")]
    [InlineData(">")]
    [InlineData(">=")]
    [InlineData("regex")]
    [InlineData("not-wildcard")]
    [InlineData("not-equals-ignore-case")]
    [InlineData("date-after")]
    [InlineData("date-on-or-after")]
    [InlineData("date-before")]
    [InlineData("date-on-or-before")]
    [InlineData("in-date-range")]
    [InlineData("ip-address-in-range")]
    [InlineData("ip-address-not-in-range")]
    public void A_reserved_name_is_refused_anywhere_inside_or_and_is_ordinary_outside(string name)
    {
        var message = $"{name} is Ruler reserved fieldName which cannot be used inside $or.";
        Refused($$"""{"$or":[{"{{name}}":[1]},{"a":[1]}]}""", message);
        Refused($$$$"""{"$or":[{"a":[1]},{"b":{"c":{"{{{{name}}}}":[1]}}}]}""", message);
        Refused($$$$"""{"$or":[{"a":[1]},{"b":{"{{{{name}}}}":{"c":[1]}}}]}""", message);
        Assert.True(EventFilter.Parse($$"""{"{{name}}":[1],"a":{"{{name}}":[1]},"$or":[{"b":[1]},{"c":[1]}]}""").IsValid);
    }

    [Theory]
    [InlineData("""{"a":[1],"a":[2]}""", "a")]
    [InlineData("""{"a":{"b":[1]},"a":{"b":[2]}}""", "a.b")]
    [InlineData("""{"a.b":[1],"a":{"b":[2]}}""", "a.b")]
    [InlineData("""{"a":{"b":[1]},"$or":[{"a":{"b":[2]}},{"c":[1]}]}""", "a.b")]
    [InlineData("""{"$or":[{"a":[2]},{"c":[1]}],"c":[1]}""", "c")]
    [InlineData("""{"$or":[{"a":[2]},{"c":[1]}],"$or":[{"b":[2]},{"c":[1]}]}""", "c")]
    [InlineData("""{"$or":[{"a":[2],"$or":[{"x":[1]},{"a":[1]}]},{"c":[1]}]}""", "a")]
    public void The_same_path_twice_in_one_alternative_is_refused(string text, string path) =>
        Refused(text, $"Path `{path}` cannot be allowed multiple times");

    [Theory]
    [InlineData("""{"a":{"b":[1]},"a":{"c":[1]}}""")]
    [InlineData("""{"$or":[{"a":[1]},{"a":[2]}]}""")]
    [InlineData("""{"$or":[{"a":[1],"b":[1]},{"$or":[{"a":[1]},{"a":[3]}]}]}""")]
    [InlineData("""{"$or":[{"a":[1]},{"b":[2]}],"$or":[{"c":[1]},{"d":[2]}]}""")]
    [InlineData("""{"a:b c":[1],"":{"":[2]}}""")]
    [InlineData("""{"data":{"prefix":["a"]}}""")]
    public void Members_with_one_name_and_different_leaves_and_branches_with_one_path_are_legal(string text) =>
        Assert.True(EventFilter.Parse(text).IsValid);

    [Theory]
    [InlineData("""{"a":[1]} x""")]
    [InlineData("""{"a":[1]}{"a":[1]}""")]
    [InlineData("""{"a":[1]}/* c */""")]
    [InlineData("""{"a":[1,]}""")]
    [InlineData("""{"a":[1],}""")]
    [InlineData("{'a':[1]}")]
    [InlineData("""{"a":[1]""")]
    [InlineData("""{"a":[01]}""")]
    [InlineData("""{"a":["\x"]}""")]
    [InlineData("{\"a\":[\"\n\"]}")]
    public void A_text_that_is_not_one_complete_json_document_is_refused(string text)
    {
        var parsed = EventFilter.Parse(text);
        Assert.False(parsed.IsValid);
        Assert.StartsWith("Filter is not valid JSON: ", parsed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_with_half_a_surrogate_pair_is_refused_where_the_half_stands()
    {
        var error = EventFilter.Parse("{\"a\":[\"x\ud800\"]}").Error!;
        Assert.Equal("Filter is not valid JSON: half of a surrogate pair", error.Message);
        Assert.Equal((1, 9), (error.Line, error.Column));
    }

    [Fact]
    public void Each_limit_admits_its_value_and_names_itself_when_it_is_passed()
    {
        string Long(int length) => $$"""{"a":["{{new string('x', length - 10)}}"]}""";
        Assert.True(EventFilter.Parse(Long(16_384)).IsValid);
        Refused(Long(16_385), "Filter is too long: 16385 characters, at most 16384 are allowed");

        string Deep(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "[1]" + new string('}', depth);
        Assert.True(EventFilter.Parse(Deep(64)).IsValid);
        Refused(Deep(65), "Filter is nested too deeply: at most 64 objects inside each other are allowed");

        string Nested(int depth) => depth == 0
            ? """{"z":[1]}"""
            : $$"""{"$or":[{"a{{depth}}":[1]},{{Nested(depth - 1)}}]}""";
        Assert.True(EventFilter.Parse(Nested(10)).IsValid);
        Refused(Nested(11), "$or is nested too deeply: at most 10 levels are allowed");
    }

    [Fact]
    public void Alternatives_and_their_tests_are_counted_after_multiplying_out()
    {
        string Or(string name, int branches) =>
            $"\"$or\":[{string.Join(',', Enumerable.Range(0, branches).Select(i => $"{{\"{name}{i}\":[1]}}"))}]";
        Assert.True(EventFilter.Parse($"{{{Or("a", 10)},{Or("b", 10)},{Or("c", 10)}}}").IsValid);
        Refused(
            $"{{{Or("a", 10)},{Or("b", 10)},{Or("c", 11)}}}",
            "Filter has too many combinations: $or gives more than 1000 alternatives");

        string Fields(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"f{i}\":[1]"));
        Assert.True(EventFilter.Parse($"{{{Or("a", 10)},{Or("b", 10)},{Or("c", 10)},{Fields(47)}}}").IsValid);
        Refused(
            $"{{{Or("a", 10)},{Or("b", 10)},{Or("c", 10)},{Fields(48)}}}",
            "Filter has too many combinations: its alternatives hold more than 50000 field tests");
    }

    [Fact]
    public void An_error_says_where_it_is()
    {
        var error = EventFilter.Parse("{\n  \"data\": {\n    \"ä\": [\"x\", {\"prefx\": \"y\"}]\n  }\n}").Error!;
        Assert.Equal(("Unrecognized match type prefx", "data.ä", 3, 17), (error.Message, error.Path, error.Line, error.Column));
        Assert.Equal("Unrecognized match type prefx (at data.ä, line 3, column 17)", error.ToString());

        error = EventFilter.Parse("{\"a\":[1],\n \"b\":[1,}").Error!;
        Assert.Equal(("b", 2, 9), (error.Path, error.Line, error.Column));

        error = EventFilter.Parse("{\"a\":{\"b\":[1]},\n\"a.b\":[2]}").Error!;
        Assert.Equal(("a.b", 2, 7), (error.Path, error.Line, error.Column));
    }

    private static void Refused(string text, string message)
    {
        var parsed = EventFilter.Parse(text);
        Assert.False(parsed.IsValid, text);
        Assert.Equal(message, parsed.Error.Message);
    }
}
