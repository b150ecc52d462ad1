using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeInference.Publishing.Outbox;
using Microsoft.Data.Sqlite;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Outbox;

/// <summary>Files of other versions.</summary>
public sealed class OutboxSchemaTests : IAsyncLifetime
{
    private static readonly string[] Two = [OutboxSchema.Scripts[0], "ALTER TABLE cursors ADD COLUMN more INTEGER NOT NULL DEFAULT 0; UPDATE cursors SET more = evicted;"];

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
                OutboxSchema.Migrate(connection, Two);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        using SqliteConnection after = Connect();
        Assert.Equal(2L, after.Scalar("PRAGMA user_version"));
    }

    /// <summary>For the day on which there is a second version.</summary>
    [Fact]
    public void Migrate_SecondVersionOverAFileWithData_ChangesItAndKeepsAllOfIt()
    {
        using SqliteConnection connection = Connect();
        OlderOutbox.Write(connection);

        OutboxSchema.Migrate(connection, Two);
        OutboxSchema.Migrate(connection, Two);

        Assert.Equal(
            "2: 7 reports to 9; LocalJpeg 2 2 0, Mqtt 6 3 2; too large",
            connection.Scalar(
                """
                SELECT user_version || ': ' || (SELECT COUNT(*) || ' reports to ' || MAX(summary) FROM reports) || '; '
                    || (SELECT group_concat(publisher || ' ' || seq || ' ' || delivered || ' ' || more, ', ' ORDER BY publisher) FROM cursors) || '; '
                    || (SELECT reason FROM set_aside) FROM pragma_user_version
                """));
    }

    [Fact]
    public void Migrate_SecondVersionFails_LeavesTheFileAsItWas()
    {
        using SqliteConnection connection = Connect();
        OlderOutbox.Write(connection);

        Assert.Throws<SqliteException>(() => OutboxSchema.Migrate(connection, [.. Two.Take(1), Two[1] + "INSERT INTO nowhere VALUES (1)"]));

        OlderOutbox.AssertOpens(connection);
    }

    /// <summary>A file of a released version has these tables: a change is a script of its own, or a table beside them.</summary>
    [Fact]
    public void Scripts_OfAReleasedVersion_StayAsTheyAre() => Assert.Equal(
        ["CE1C5844E7533DA24B62DD16F2B23957418773F960ED34BF88F631C1DD153342"],
        OutboxSchema.Scripts.Select(static script => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(script)))));

    [Fact]
    public void Migrate_FailsHalfWay_LeavesTheFileAsItWas()
    {
        using SqliteConnection connection = Connect();
        connection.Execute("CREATE TABLE set_aside (mine)");

        Assert.Throws<SqliteException>(() => OutboxSchema.Migrate(connection, OutboxSchema.Scripts));

        Assert.Equal("set_aside 0", connection.Scalar("SELECT group_concat(name) || ' ' || (SELECT user_version FROM pragma_user_version) FROM sqlite_schema"));
    }

    [Fact]
    public async Task Open_FileOfAnOlderProgram_KeepsAllOfIt()
    {
        using (SqliteConnection connection = Connect())
            OlderOutbox.Write(connection);

        await _test.OpenAsync(Broker, Files);

        Assert.Empty(_test.Log.Lines);
        Assert.Equal(["7", "8", "9"], await _test.ReadAsync(Broker));
        Assert.Equal(["3", "4", "5", "6", "7", "8", "9"], await _test.ReadAsync(Files));
        DateTimeOffset seventh = new(639000000000000007, TimeSpan.Zero);
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

    /// <summary>An upgrade that does not become ready is taken back: the older program goes on with the file, whatever this one has written.</summary>
    [Fact]
    public async Task Open_OlderProgramAfterThisOne_GoesOnWithItAndSoDoesThisOneAgain()
    {
        _test.Options.LimitMegabytes = 1;
        await _test.OpenAsync(Broker);
        for (int i = 1; i <= 40; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 100_000));
        await _test.CloseAsync();
        CursorStatistics left;
        using (OutboxInspection inspection = OutboxInspection.Open(_test.Folder))
            left = inspection.ReadStatistics().Single();
        using (SqliteConnection connection = Connect())
        {
            Assert.Equal(1L, connection.Scalar("SELECT COUNT(*) FROM untold"));
            OlderOutbox.AssertOpens(connection);
            OlderOutbox.Run(connection);
        }

        await _test.OpenAsync(Broker);
        await _test.AppendAsync(41, 41);
        _test.Time.Advance(TimeSpan.FromSeconds(5));

        CursorStatistics now = await _test.StatisticsAsync(Broker);
        Assert.Equal(left.Evicted + 2, now.Evicted);
        Assert.Equal("41", (await _test.ReadAsync(Broker))[0]);
        Assert.Equal(now.Evicted, _test.Log.Lines.Sum(static line => long.Parse(line.Text.Split("Mqtt ")[1].Split(')')[0], CultureInfo.InvariantCulture)));
    }

    /// <summary>The tables beside are not needed to look into a file.</summary>
    [Fact]
    public void Inspection_FileOfAnOlderProgram_ShowsAndMendsIt()
    {
        using SqliteConnection connection = Connect();
        OlderOutbox.Write(connection);
        using OutboxInspection inspection = OutboxInspection.Open(_test.Folder);

        Assert.Equal(2, inspection.ReadStatistics().Count);
        Assert.Equal(1, inspection.Requeue(default));
        Assert.Equal(10, inspection.PurgeWaiting([Broker, Files]));
        connection.Execute("UPDATE cursors SET until = seq");
        inspection.PurgeWaiting([Broker, Files]);

        Assert.Equal(0L, connection.Scalar("SELECT COUNT(*) FROM cursors"));
    }

    [Theory]
    [InlineData("CREATE TABLE notices (somebody, elses)")]
    [InlineData("CREATE TABLE untold (stream, publisher, reason)")]
    public async Task Open_TableBesideIsNotOurs_PutsTheFileAside(string table)
    {
        using (SqliteConnection connection = Connect())
        {
            OlderOutbox.Write(connection);
            connection.Execute(table);
        }

        await _test.OpenAsync(Broker);

        Assert.Contains("its tables are not those of its version", Assert.Single(_test.Log.Lines).Text, StringComparison.Ordinal);
    }

    /// <summary>A service of the version before may have it open.</summary>
    [Fact]
    public void Inspection_OlderVersion_IsRefusedAndLeftAlone()
    {
        using SqliteConnection connection = Connect();
        connection.Execute($"CREATE TABLE mine (n); PRAGMA user_version = {OutboxSchema.Version - 1}");

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
