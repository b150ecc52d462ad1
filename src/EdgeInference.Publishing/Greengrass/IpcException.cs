namespace EdgeInference.Publishing.Greengrass;

/// <summary>Why an operation has no result.</summary>
internal enum IpcFailure
{
    /// <summary>The nucleus answered with an error.</summary>
    Error,

    /// <summary>It did not answer in time.</summary>
    NoAnswer,

    /// <summary>The connection ended before it had answered.</summary>
    Ended,
}

/// <summary>An operation has failed. The message is one line for people.</summary>
internal sealed class IpcException(IpcFailure failure, string message) : Exception(message)
{
    public IpcFailure Failure { get; } = failure;

    public static IpcException OfEnd(IpcTrouble trouble) => new(IpcFailure.Ended, $"the connection to the nucleus ended: {trouble.Reason}");

    /// <summary>The name of the error, such as UnauthorizedError; empty where the nucleus has named none.</summary>
    public string Code { get; init; } = "";

    /// <summary>What the nucleus wrote.</summary>
    public string Text { get; init; } = "";

    public bool IsUnauthorized => Code == "UnauthorizedError";
}
