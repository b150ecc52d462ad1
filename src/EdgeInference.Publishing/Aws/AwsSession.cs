using System.Diagnostics.CodeAnalysis;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Identity;

namespace EdgeInference.Publishing.Aws;

/// <summary>
/// A client of an AWS service that is made at the first call, and calls that end in bounded time. The SDK finds region
/// and credentials by asking the environment, profiles, the container and the instance, and blocks its thread for that;
/// on a device without an instance service it may wait for a minute. So that runs beside, and a later call waits for the
/// same search. Used by one task.
/// </summary>
/// <param name="destination">The name for messages.</param>
/// <param name="connect">Makes the client.</param>
/// <param name="hasCredentials">Whether the client was given its credentials.</param>
/// <param name="timeProvider">The clock of the deadline.</param>
internal sealed class AwsSession<TClient>(string destination, Func<TClient> connect, bool hasCredentials, TimeProvider timeProvider) : IDisposable
    where TClient : AmazonServiceClient
{
    private TClient? _client;
    private Task<TClient>? _ready;

    /// <param name="bytes">What the call sends: it may take the longer for that.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends it earlier.</param>
    /// <exception cref="PublishException">Why the call failed, and whose fault that is.</exception>
    public async Task<T> CallAsync<T>(long bytes, Func<TClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        TClient client = await WithinAsync(AwsSettings.TimeToAnswer, "has found no credentials", _ => ReadyAsync(), cancellationToken);
        return await WithinAsync(AwsSettings.TimeFor(bytes), "has not answered", token => call(client, token), cancellationToken);
    }

    /// <summary>A search for credentials that still runs cannot be stopped; it ends by itself and touches nothing of ours.</summary>
    public void Dispose() => _client?.Dispose();

    [SuppressMessage("Design", "CA1031", Justification = "Whatever the SDK throws becomes the exception that the caller decides by.")]
    private async Task<T> WithinAsync<T>(TimeSpan time, string lack, Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(time, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // Not every wait of the SDK hears the token: renewing credentials does not.
            return await action(either.Token).WaitAsync(either.Token);
        }
        catch (Exception exception) when (exception is not PublishException && !cancellationToken.IsCancellationRequested)
        {
            if (timeout.IsCancellationRequested)
                throw new PublishException(PublishFailure.Temporary, $"{destination} {lack} within {time.TotalSeconds:0} s", exception);
            throw AwsErrors.ToPublishException(destination, exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
    }

    private Task<TClient> ReadyAsync()
    {
        if (_ready is null or { IsCompleted: true })
            _ready = Task.Run(GetReadyAsync, CancellationToken.None);
        return _ready;
    }

    private async Task<TClient> GetReadyAsync()
    {
        try
        {
            _client ??= connect();
        }
        catch (AmazonClientException exception)
        {
            throw new PublishException(PublishFailure.Final, $"{destination} has no address: no usable region is set; set Region, ServiceUrl or AWS_REGION", exception);
        }

        if (hasCredentials)
            return _client;
        await GetCredentialsAsync(_client.Config);
        return _client;
    }

    /// <summary>The client asks again for each request, and then gets the answer that is kept.</summary>
    private async Task GetCredentialsAsync(IClientConfig config)
    {
        BaseIdentity? source = null;
        try
        {
            source = await config.IdentityResolverConfiguration.GetIdentityResolver<AWSCredentials>().ResolveIdentityAsync(config, CancellationToken.None);
            await ((AWSCredentials)source).GetCredentialsAsync();
        }
        catch (Exception exception) when (IsNoSource(exception))
        {
            throw new PublishException(
                PublishFailure.Final, $"{destination} needs credentials: none found in the environment, the profile, the container or the instance", exception);
        }
        catch (Exception exception) when (source is GenericContainerCredentials)
        {
            // Its text is that of the HTTP client: a status, or that nobody listens.
            throw new PublishException(
                PublishFailure.Temporary, $"{destination} needs credentials, which the service at AWS_CONTAINER_CREDENTIALS_FULL_URI (or _RELATIVE_URI) has not given: {exception.GetBaseException().Message}", exception);
        }
        catch (Exception exception) when (exception is not AmazonServiceException { ErrorCode.Length: > 0 })
        {
            // There is a source, which may work again. The text is not shown: it may repeat what a program for credentials printed.
            throw new PublishException(
                PublishFailure.Temporary, $"{destination} needs credentials, which could not be obtained ({exception.GetBaseException().GetType().Name})", exception);
        }
    }

    // All places were searched, which is this very type and no derived one, or the profile that was asked for is not there.
    private static bool IsNoSource(Exception exception) => exception is ProfileNotFoundException || exception.GetType() == typeof(AmazonClientException);
}
