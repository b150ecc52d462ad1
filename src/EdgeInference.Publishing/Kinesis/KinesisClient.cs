using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;
using Amazon.Util.Internal;

namespace EdgeInference.Publishing.Kinesis;

/// <summary>
/// The one operation of Kinesis that is needed, on the pipeline that all clients of the AWS SDK have: its credentials,
/// signatures, endpoints and retries. AWSSDK.Kinesis would replace this file.
/// </summary>
internal sealed class KinesisClient : AmazonServiceClient
{
    private static readonly InvokeOptions Options = new()
    {
        RequestMarshaller = new Writer(),
        ResponseUnmarshaller = new Reader(),
    };

    /// <param name="credentials">Null: what the SDK finds.</param>
    /// <param name="config">Its address and timeouts.</param>
    public KinesisClient(AWSCredentials? credentials, KinesisClientConfig config)
        : base(credentials, config)
    {
    }

    protected override IServiceMetadata ServiceMetadata { get; } = new Metadata();

    /// <summary>Sends the JSON of a PutRecords request and returns the JSON of its answer.</summary>
    public async Task<ReadOnlyMemory<byte>> PutRecordsAsync(byte[] body, CancellationToken cancellationToken) =>
        (await InvokeAsync<PutRecordsResponse>(new PutRecordsRequest(body), Options, cancellationToken)).Body;

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline) => pipeline.AddHandlerAfter<Marshaller>(new Authentication());

    private sealed class PutRecordsRequest(byte[] body) : AmazonWebServiceRequest
    {
        public byte[] Body => body;
    }

    // The SDK makes it by its constructor without parameters.
    private sealed class PutRecordsResponse : AmazonWebServiceResponse
    {
        public ReadOnlyMemory<byte> Body { get; set; }
    }

    private sealed class Metadata : IServiceMetadata
    {
        public string ServiceId => KinesisClientConfig.Id;

        public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>();
    }

    private sealed class Authentication : BaseAuthResolverHandler
    {
        protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
    }

    private sealed class Writer : IMarshaller<IRequest, AmazonWebServiceRequest>
    {
        public IRequest Marshall(AmazonWebServiceRequest input)
        {
            var request = new DefaultRequest(input, KinesisClientConfig.Id)
            {
                HttpMethod = "POST",
                ResourcePath = "/",
                Content = ((PutRecordsRequest)input).Body,
            };
            request.Headers["X-Amz-Target"] = "Kinesis_20131202.PutRecords";
            request.Headers["Content-Type"] = "application/x-amz-json-1.1";
            return request;
        }
    }

    private sealed class Reader : JsonResponseUnmarshaller
    {
        // 500 records of an answer take about 100 kB; more than this is no answer of Kinesis.
        private const int MaxBytes = 4 << 20;

        public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
        {
            var body = new MemoryStream();
            byte[] piece = new byte[16 << 10];
            for (int read; body.Length <= MaxBytes && (read = input.Stream.Read(piece)) > 0;)
                body.Write(piece, 0, read);
            return new PutRecordsResponse { Body = body.GetBuffer().AsMemory(0, (int)body.Length) };
        }

        public override AmazonServiceException UnmarshallException(JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
        {
            var json = new StreamingUtf8JsonReader(input.Stream);
            ErrorResponse error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(input, ref json);
            return new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
        }
    }
}

/// <summary>The address of Kinesis in a region, unless one is set.</summary>
internal sealed class KinesisClientConfig : ClientConfig
{
    /// <summary>As in AWS_ENDPOINT_URL_KINESIS, by which the SDK takes an address from the environment.</summary>
    public const string Id = "Kinesis";

    private static readonly DefaultConfiguration[] Defaults =
    [
        Mode(DefaultConfigurationMode.Standard),
        Mode(DefaultConfigurationMode.InRegion),
        Mode(DefaultConfigurationMode.CrossRegion),
        Mode(DefaultConfigurationMode.Mobile),
    ];

    public KinesisClientConfig()
        : base(new DefaultConfigurationProvider(Defaults))
    {
        ServiceId = Id;
        AuthenticationServiceName = RegionEndpointServiceName;
    }

    public override string RegionEndpointServiceName => "kinesis";

    public override string ServiceVersion => "2013-12-02";

    public override string UserAgent { get; } = InternalSDKUtils.BuildUserAgentString(Id, "edge-inference");

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters)
    {
        if (!string.IsNullOrEmpty(ServiceURL))
            return new Endpoint(ServiceURL);
        string region = RegionEndpoint.SystemName;
        Partition partition = Fn.Partition(region);
        string suffix = (string)partition[UseDualstackEndpoint ? "dualStackDnsSuffix" : "dnsSuffix"];

        // The endpoints of GovCloud are FIPS ones, and have no other name.
        string service = UseFIPSEndpoint && (string)partition["name"] != "aws-us-gov" ? "kinesis-fips" : "kinesis";
        return new Endpoint($"https://{service}.{region}.{suffix}/");
    }

    // Timeouts are ours; the modes differ in nothing else that is used here.
    private static DefaultConfiguration Mode(DefaultConfigurationMode name) => new()
    {
        Name = name,
        RetryMode = RequestRetryMode.Standard,
    };
}
