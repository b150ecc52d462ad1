using Amazon.Runtime;
using EdgeInference.Publishing.Aws;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeInference.Publishing.Kinesis;

/// <summary>
/// One record a result. Of a request, Kinesis may take some records and not others: then everything from the first one
/// that failed is sent again, so that some may be there twice, and the last copies are in order.
/// </summary>
internal sealed class KinesisPublisher : IBatchPublisher
{
    private readonly AwsSession<KinesisClient> _session;
    private readonly PutRecordsBatch _batch;
    private readonly string? _partitionKey;

    /// <param name="options">Its options, valid.</param>
    /// <param name="timeProvider">The clock of the deadlines.</param>
    /// <param name="credentials">Null: what the SDK finds.</param>
    public KinesisPublisher(KinesisOptions options, TimeProvider timeProvider, AWSCredentials? credentials)
    {
        Destination = $"kinesis://{options.Region ?? "default"}/{options.StreamName}";
        _partitionKey = options.PartitionKey;
        _batch = new PutRecordsBatch(options.StreamName!, options.ExplicitHashKey);
        _session = new AwsSession<KinesisClient>(
            Destination,
            () => new KinesisClient(credentials, AwsSettings.Apply(new KinesisClientConfig(), options.Region, options.ServiceUrl)),
            hasCredentials: credentials is not null,
            timeProvider);
    }

    public static PublisherRegistration Registration { get; } = new(
        "Kinesis",
        typeof(KinesisOptions),
        static (services, _, options) =>
            new KinesisPublisher((KinesisOptions)options, services.GetRequiredService<TimeProvider>(), credentials: null))
    {
        IsDurable = true,
        FindDoubt = static options => AwsSettings.FindDoubt(((KinesisOptions)options).Region, ((KinesisOptions)options).ServiceUrl, Environment.GetEnvironmentVariable),
    };

    public int MaxReports => PutRecordsBatch.MaxRecords;

    public string Destination { get; }

    public async ValueTask PublishAsync(IReadOnlyList<Report> reports, CancellationToken cancellationToken)
    {
        for (int next = 0; next < reports.Count; next += _batch.Count)
        {
            Fill(reports, next);
            if (_batch.Count == 0)
                throw TooLarge(reports[next], next);
            await SendAsync(next, cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _session.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Collects what goes into one request.</summary>
    private void Fill(IReadOnlyList<Report> reports, int first)
    {
        _batch.Clear();
        foreach (Report report in reports.Skip(first))
        {
            if (SizeOf(report) > PutRecordsBatch.MaxRecordBytes || !_batch.TryAdd(KeyOf(report), report.Payload))
                return;
        }
    }

    private async Task SendAsync(int first, CancellationToken cancellationToken)
    {
        PutRecordsAnswer answer;
        try
        {
            byte[] body = _batch.ToJson();
            ReadOnlyMemory<byte> json = await _session.CallAsync(body.Length, (client, token) => client.PutRecordsAsync(body, token), cancellationToken);
            answer = PutRecordsAnswer.Parse(json, _batch.Count, Destination);
        }
        catch (PublishException exception)
        {
            throw exception.After(first);
        }

        if (answer.ErrorCode is not null)
            throw AwsErrors.Refused(Destination, answer.ErrorCode, status: null, inner: null).After(first + answer.FirstFailed);
    }

    private string KeyOf(Report report) => _partitionKey ?? report.Stream;

    private int SizeOf(Report report) => PutRecordsBatch.SizeOf(KeyOf(report), report.Payload);

    private PublishException TooLarge(Report report, int place) => new(
        PublishFailure.Permanent,
        $"{Destination} takes records of {PutRecordsBatch.MaxRecordBytes} bytes with their partition key at most; report {report.Id} has {SizeOf(report)}")
    {
        Delivered = place,
    };
}
