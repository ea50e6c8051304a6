using Signalbox.WebConsole.Components;

namespace Signalbox.WebConsole.Tests.Components;

public sealed class AddressValueTests
{
    [Theory]
    [InlineData("42", 42L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", null)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("1.5", null)]
    [InlineData(" 1", null)]
    [InlineData("abc", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_key_is_a_positive_number_and_all_else_is_none(string? text, long? expected) => Assert.Equal(expected, AddressValue.Key(text));

    [Theory]
    [InlineData("Success", "Success")]
    [InlineData("success", "Success")]
    [InlineData("Succes", null)]
    [InlineData("0", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_word_is_one_of_those_that_there_are_in_any_case(string? text, string? expected) =>
        Assert.Equal(expected, AddressValue.Word(["Success", "Failure"], text));
}
