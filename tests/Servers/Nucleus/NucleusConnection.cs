using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EdgeInference.TestServers;

/// <summary>How the bytes of an answer are written: the lengths of the pieces, each of which the client has read before the next comes.</summary>
internal static class NucleusSplit
{
    public static Func<int, IEnumerable<int>> Whole { get; } = static length => [length];

    /// <summary>Pieces of this many bytes.</summary>
    public static Func<int, IEnumerable<int>> Every(int bytes) =>
        length => Enumerable.Range(0, (length + bytes - 1) / bytes).Select(piece => Math.Min(bytes, length - (piece * bytes)));

    /// <summary>Two pieces, of which the first has this many bytes; whole where the answer is not longer.</summary>
    public static Func<int, IEnumerable<int>> At(int bytes) => length => bytes > 0 && bytes < length ? [bytes, length - bytes] : [length];
}

/// <summary>Frames in and out of one client's socket.</summary>
internal sealed partial class NucleusConnection(Socket socket, int longestFrame, Func<Func<int, IEnumerable<int>>> split)
{
    private const ulong UnreadBytes = 0x5411;

    private readonly SemaphoreSlim _writing = new(1);

    // Not disposed: a writer may be about to look at it.
    private readonly CancellationTokenSource _closed = new();

    /// <summary>Whether this side has closed.</summary>
    public bool IsClosed => _closed.IsCancellationRequested;

    /// <returns>The next frame; null when there is none any more.</returns>
    /// <exception cref="NucleusProtocolException">What came is no frame.</exception>
    public async Task<NucleusFrame?> ReadAsync()
    {
        byte[] prelude = new byte[NucleusFrame.PreludeLength];
        if (!await FillAsync(prelude))
            return null;
        byte[] frame = new byte[NucleusFrame.LengthOf(prelude, longestFrame)];
        prelude.CopyTo(frame, 0);
        return await FillAsync(frame.AsMemory(prelude.Length)) ? NucleusFrame.Decode(frame) : null;
    }

    /// <summary>Writes it, unless the client has gone.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _writing.WaitAsync(_closed.Token);
            try
            {
                await WritePiecesAsync(bytes);
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // Who reads will see it.
        }
    }

    /// <summary>Ends it now; a client that has sent what was not read sees a reset.</summary>
    public void Close()
    {
        _closed.Cancel();
        socket.Dispose();
    }

    private async Task WritePiecesAsync(ReadOnlyMemory<byte> bytes)
    {
        foreach (int length in split()(bytes.Length))
        {
            for (ReadOnlyMemory<byte> piece = bytes[..length]; !piece.IsEmpty;)
                piece = piece[await socket.SendAsync(piece, _closed.Token)..];
            bytes = bytes[length..];
            if (!bytes.IsEmpty)
                await WaitUntilReadAsync();
        }
    }

    // Nothing tells when the other side has read; the kernel only counts what it has not.
    private async Task WaitUntilReadAsync()
    {
        for (int looks = 0; !_closed.IsCancellationRequested; looks++)
        {
            if (Control((int)socket.Handle, UnreadBytes, out int unread) != 0 || unread == 0)
                return;
            if (looks < 100)
                await Task.Yield();
            else
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, _closed.Token);
        }
    }

    private async Task<bool> FillAsync(Memory<byte> buffer)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                int count = await socket.ReceiveAsync(buffer, _closed.Token);
                if (count == 0)
                    return false;
                buffer = buffer[count..];
            }

            return true;
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            return false;
        }
    }

    private static bool IsEnd(Exception exception) => exception is SocketException or ObjectDisposedException or OperationCanceledException;

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, ulong request, out int value);
}
