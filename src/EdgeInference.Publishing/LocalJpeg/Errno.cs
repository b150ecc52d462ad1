using System.Runtime.InteropServices;

namespace EdgeInference.Publishing.LocalJpeg;

/// <summary>The numbers of Linux for what can go wrong with a file; .NET hands them on as an exception's HResult.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const int AccessDenied = 13;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int QuotaExceeded = 122;

    public static Exception ToException(int error, string path)
    {
        string message = $"{path}: {Marshal.GetPInvokeErrorMessage(error)}";
        return error is NotPermitted or AccessDenied ? new UnauthorizedAccessException(message) : new IOException(message, error);
    }
}
