namespace Signalbox.Server.Tests;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("http://localhost:3233", true)]
    [InlineData("http://127.0.0.1:1;http://[::1]:2", true)]
    [InlineData("http://0.0.0.0:3233", false)]
    [InlineData("http://*:3233", false)]
    [InlineData("http://localhost:3233;http://10.0.0.1:3233", false)]
    public void Knows_whether_only_this_machine_can_connect(string urls, bool loopback) =>
        Assert.Equal(loopback, ServerAddress.IsLoopbackOnly(urls));

    [Theory]
    [InlineData("http://*:3233", "http://127.0.0.1:3233/")]
    [InlineData("http://0.0.0.0:80", "http://127.0.0.1/")]
    [InlineData("http://[::]:3233", "http://[::1]:3233/")]
    [InlineData("http://localhost:3233", "http://localhost:3233/")]
    public void Turns_any_address_into_one_that_can_be_called(string listening, string reachable) =>
        Assert.Equal(reachable, ServerAddress.Reachable(listening).ToString());
}
