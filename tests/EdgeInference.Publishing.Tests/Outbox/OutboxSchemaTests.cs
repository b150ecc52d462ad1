using EdgeInference.Publishing.Outbox;
using Microsoft.Data.Sqlite;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Outbox;

/// <summary>Files of other versions.</summary>
public sealed class OutboxSchemaTests : IAsyncLifetime
{
    private readonly TestOutbox _test = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    /// <summary>One that has waited for another's migration finds it done.</summary>
    [Fact]
    public async Task Migrate_SeveralAtOnce_IsDoneOnce()
    {
        const int several = 4;
        using var ready = new Barrier(several);

        await Task.WhenAll(Enumerable.Range(0, several).Select(_ => Task.Factory.StartNew(
            () =>
            {
                using SqliteConnection connection = Connect();
                ready.SignalAndWait();
                OutboxSchema.Migrate(connection);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        await _test.OpenAsync(Broker);
        Assert.Empty(_test.Log.Lines);
    }

    [Fact]
    public void Migrate_FailsHalfWay_LeavesTheFileAsItWas()
    {
        using SqliteConnection connection = Connect();
        connection.Execute("CREATE TABLE set_aside (mine)");

        Assert.Throws<SqliteException>(() => OutboxSchema.Migrate(connection));

        Assert.Equal("set_aside 0", connection.Scalar("SELECT group_concat(name) || ' ' || (SELECT user_version FROM pragma_user_version) FROM sqlite_schema"));
    }

    /// <summary>A service of the version before may have it open.</summary>
    [Fact]
    public void Inspection_OlderVersion_IsRefusedAndLeftAlone()
    {
        using SqliteConnection connection = Connect();
        connection.Execute(OutboxSchema.Scripts[0]);
        connection.Execute($"PRAGMA user_version = {OutboxSchema.Version - 1}");

        OutboxException exception = Assert.Throws<OutboxException>(() => OutboxInspection.Open(_test.Folder));

        Assert.Contains($"older version of this program (schema {OutboxSchema.Version - 1}", exception.Message, StringComparison.Ordinal);
        Assert.Equal((long)OutboxSchema.Version - 1, connection.Scalar("PRAGMA user_version"));
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={_test.File};Pooling=False");
        connection.Open();
        return connection;
    }
}
