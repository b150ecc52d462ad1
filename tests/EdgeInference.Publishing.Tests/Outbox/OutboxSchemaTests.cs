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

    /// <summary>Reports that wait, one set aside, cursors and their counts.</summary>
    [Fact]
    public async Task Open_FirstVersionWithData_KeepsAllOfIt()
    {
        using (SqliteConnection connection = Connect())
        {
            connection.Execute(OutboxSchema.Scripts[0]);
            connection.Execute(
                """
                WITH RECURSIVE numbers (n) AS (VALUES (3) UNION ALL SELECT n + 1 FROM numbers WHERE n < 9)
                INSERT INTO reports (seq, id, stream, model, kind, topic, timestamp, summary, payload, jpeg)
                SELECT n, randomblob(16), 'line1', 'demo', 0, 'openvino/ssd', 638000000000000000 + n, CAST(n AS TEXT), CAST('{}' AS BLOB), x'FFD8' FROM numbers;
                INSERT INTO cursors (stream, publisher, messages, seq, until, delivered, evicted)
                VALUES ('line1', 'Mqtt', 1, 6, NULL, 3, 2), ('line1', 'LocalJpeg', 0, 2, NULL, 2, 0);
                INSERT INTO set_aside (seq, publisher, reason, at) VALUES (5, 'Mqtt', 'too large', 638000000000000005);
                PRAGMA user_version = 1;
                """);
        }

        await _test.OpenAsync(Broker, Files);

        Assert.Empty(_test.Log.Lines);
        Assert.Equal(["7", "8", "9"], await _test.ReadAsync(Broker));
        Assert.Equal(["3", "4", "5", "6", "7", "8", "9"], await _test.ReadAsync(Files));
        DateTimeOffset seventh = new(638000000000000007, TimeSpan.Zero);
        Assert.Equal(new CursorStatistics(Broker, IsConfigured: true, Waiting: 3, seventh, Delivered: 3, SetAside: 1, Evicted: 2), await _test.StatisticsAsync(Broker));
        using OutboxInspection inspection = OutboxInspection.Open(_test.Folder);
        Assert.Equal((5, "too large"), inspection.ReadSetAside(default, 10).Select(static report => (report.Seq, report.Reason)).Single());

        // It goes on as one of this version; what was evicted before was told before.
        await _test.AppendAsync(10, 10);
        await _test.DeliverAsync(Broker);
        Assert.Equal((7, 2), ((await _test.StatisticsAsync(Broker)).Delivered, (await _test.StatisticsAsync(Broker)).Evicted));
        Assert.Equal("10", (await _test.ReadAsync(Files))[^1]);
        Assert.Empty(_test.Log.Lines);
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
