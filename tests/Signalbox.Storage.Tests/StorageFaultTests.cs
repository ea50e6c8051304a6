using Microsoft.Data.Sqlite;
using Npgsql;
using Signalbox.Storage.Faults;

namespace Signalbox.Storage.Tests;

public sealed class StorageFaultTests
{
    [Theory]
    [InlineData(5, true), InlineData(8, true), InlineData(10, true), InlineData(13, true), InlineData(14, true)]
    [InlineData(1, false), InlineData(19, false), InlineData(20, false)]
    public void A_full_disk_is_a_circumstance_and_a_wrong_statement_a_bug(int code, bool isCircumstance) =>
        Assert.Equal(isCircumstance, StorageFault.Explain(new SqliteException("x", code)) is not null);

    [Theory]
    [InlineData("08006", true), InlineData("25006", true), InlineData("28P01", true), InlineData("53100", true), InlineData("57P01", true), InlineData("58030", true)]
    [InlineData("42601", false), InlineData("23505", false), InlineData("25P02", false)]
    public void A_server_that_ends_is_a_circumstance_and_a_wrong_statement_a_bug(string state, bool isCircumstance) =>
        Assert.Equal(isCircumstance, StorageFault.Explain(new PostgresException("x", "ERROR", "ERROR", state)) is not null);

    [Fact]
    public void A_connection_that_is_lost_is_a_circumstance_and_told_in_one_line()
    {
        Assert.Equal("gone for good", StorageFault.Explain(new NpgsqlException("gone\n", new IOException("for good"))));
        Assert.NotNull(StorageFault.Explain(new FailpointException("x")));
    }
}
