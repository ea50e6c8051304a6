using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Server.Errors;

namespace Signalbox.Server.Tests;

public sealed class UnhandledErrorsTests
{
    [Theory]
    [InlineData(true, 503, "5")]
    [InlineData(false, 500, "")]
    public async Task A_database_that_cannot_be_used_is_worth_another_try_and_a_bug_is_not(bool isDatabase, int status, string retryAfter)
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        Exception exception = isDatabase ? new SqliteException("database or disk is full", 13) : new InvalidOperationException("secret detail");

        Assert.True(await new UnhandledErrors(NullLogger<UnhandledErrors>.Instance).TryHandleAsync(context, exception, default));

        Assert.Equal(status, context.Response.StatusCode);
        Assert.Equal(retryAfter, context.Response.Headers.RetryAfter.ToString());
        context.Response.Body.Position = 0;
        var body = await new StreamReader(context.Response.Body).ReadToEndAsync();
        Assert.Contains("server's log ", body, StringComparison.Ordinal);
        Assert.DoesNotContain(exception.Message, body, StringComparison.Ordinal);
    }

    [Theory, InlineData("/events/x"), InlineData("/api/v1/x")]
    public async Task Quotes_in_the_answer_of_either_api_are_readable(string path)
    {
        var context = new DefaultHttpContext { Request = { Path = path }, Response = { Body = new MemoryStream(), StatusCode = StatusCodes.Status404NotFound } };

        await UnhandledErrors.ExplainStatusAsync(context);

        context.Response.Body.Position = 0;
        Assert.Contains($"There is nothing at '{path}'.", await new StreamReader(context.Response.Body).ReadToEndAsync(), StringComparison.Ordinal);
    }
}
