using System.Runtime.CompilerServices;
using EdgeInference.Publishing.Outbox;
using Microsoft.Data.Sqlite;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Outbox;

public sealed class OutboxStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Advance_AfterItsTransactionHasFailedOnce_DeletesWhatIsDelivered()
    {
        string path = Path.Combine(_folder.FullName, "outbox.db");
        using var store = new OutboxStore(path, isOwner: true);
        store.InTransaction(durable: true, () =>
        {
            store.SetCursors([new OutboxReader(Broker, WantsMessages: true)]);
            store.Append(TestReports.Numbered(1));
            store.Append(TestReports.Numbered(2));
        });
        Assert.Throws<IOException>(() => store.InTransaction(durable: false, () =>
        {
            store.Advance(Broker, 2, 2);
            throw new IOException("the disk is full");
        }));

        store.InTransaction(durable: false, () => store.Advance(Broker, 2, 2));

        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Assert.Equal(0L, connection.Scalar("SELECT COUNT(*) FROM reports"));
    }

    /// <summary>2 is FULL, which flushes the log with each commit; 1 is NORMAL, which does not.</summary>
    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void InTransaction_DurableOrNot_SetsSynchronous(bool durable, long synchronous)
    {
        using var store = new OutboxStore(Path.Combine(_folder.FullName, "outbox.db"), isOwner: true);
        store.InTransaction(!durable, () => store.Append(TestReports.Numbered(1)));

        store.InTransaction(durable, () => store.Append(TestReports.Numbered(2)));

        Assert.Equal(synchronous, ConnectionOf(store).Scalar("PRAGMA synchronous"));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_connection")]
    private static extern ref SqliteConnection ConnectionOf(OutboxStore store);
}
