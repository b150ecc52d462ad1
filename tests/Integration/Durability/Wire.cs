using System.Globalization;
using System.Text;

namespace EdgeInference.Integration.Tests.Durability;

/// <summary>What happens on a connection that a kill can be aimed at.</summary>
internal enum WireMoment
{
    /// <summary>Half of a request, or of an MQTT publication, has been carried.</summary>
    HalfSent,

    /// <summary>All of it has been carried.</summary>
    Sent,

    /// <summary>The server has confirmed it, and nothing of that has been carried.</summary>
    Unconfirmed,

    /// <summary>All of the confirmation has been carried.</summary>
    Confirmed,
}

/// <summary>A moment within a piece of data.</summary>
/// <param name="Moment">What it is.</param>
/// <param name="Offset">How much of the piece comes before it.</param>
/// <param name="ReportId">Which report it is about; null where that cannot be seen.</param>
internal sealed record WirePoint(WireMoment Moment, int Offset, Guid? ReportId);

/// <summary>Follows what is said on one connection.</summary>
internal abstract class Wire
{
    /// <summary>The moments in the next piece to the server, in order.</summary>
    public abstract IReadOnlyList<WirePoint> ToServer(ReadOnlySpan<byte> piece);

    /// <summary>The moments in the next piece to the client, in order.</summary>
    public abstract IReadOnlyList<WirePoint> ToClient(ReadOnlySpan<byte> piece);
}

/// <summary>MQTT 5: publications with a user property id, and their confirmations. Each direction is followed by one task.</summary>
internal sealed class MqttWire : Wire
{
    private const int Publish = 3;
    private const int PubAck = 4;

    private readonly Packets _toServer = new();
    private readonly Packets _toClient = new();
    private readonly Dictionary<int, Guid> _ids = [];

    public override IReadOnlyList<WirePoint> ToServer(ReadOnlySpan<byte> piece)
    {
        var points = new List<WirePoint>();
        _toServer.Read(piece, (packet, start) =>
        {
            if (packet[0] >> 4 != Publish)
                return;
            int topic = Packets.HeaderLength(packet);
            int identifier = topic + 2 + Packets.Number(packet, topic);
            Guid? id = FindId(packet);
            if (id is { } known)
            {
                lock (_ids)
                    _ids[Packets.Number(packet, identifier)] = known;
            }

            // Of one that came in several pieces, the half may have been carried already.
            if (start >= 0)
                points.Add(new WirePoint(WireMoment.HalfSent, start + (packet.Length / 2), id));
            points.Add(new WirePoint(WireMoment.Sent, start + packet.Length, id));
        });
        return points;
    }

    public override IReadOnlyList<WirePoint> ToClient(ReadOnlySpan<byte> piece)
    {
        var points = new List<WirePoint>();
        _toClient.Read(piece, (packet, start) =>
        {
            if (packet[0] >> 4 != PubAck)
                return;
            Guid? id;
            lock (_ids)
                id = _ids.TryGetValue(Packets.Number(packet, Packets.HeaderLength(packet)), out Guid known) ? known : null;
            if (start >= 0)
                points.Add(new WirePoint(WireMoment.Unconfirmed, start, id));
            points.Add(new WirePoint(WireMoment.Confirmed, start + packet.Length, id));
        });
        return points;
    }

    /// <summary>The user property, as it stands in the packet.</summary>
    private static Guid? FindId(ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> mark = [0x26, 0, 2, (byte)'i', (byte)'d', 0, 36];
        int at = packet.IndexOf(mark);
        return at >= 0 && Guid.TryParse(Encoding.ASCII.GetString(packet.Slice(at + mark.Length, 36)), out Guid id) ? id : null;
    }

    /// <summary>Cuts one direction of a connection into packets.</summary>
    private sealed class Packets
    {
        private readonly List<byte> _pending = [];

        public delegate void Seen(ReadOnlySpan<byte> packet, int start);

        /// <summary>Calls <paramref name="seen"/> with each packet that is complete, and with where in the piece it begins: before it, where less than 0.</summary>
        public void Read(ReadOnlySpan<byte> piece, Seen seen)
        {
            int before = _pending.Count;
            _pending.AddRange(piece);
            byte[] bytes = [.. _pending];
            int start = 0;
            while (Length(bytes.AsSpan(start)) is { } length && start + length <= bytes.Length)
            {
                seen(bytes.AsSpan(start, length), start - before);
                start += length;
            }

            _pending.RemoveRange(0, start);
        }

        public static int Number(ReadOnlySpan<byte> packet, int at) => (packet[at] << 8) | packet[at + 1];

        /// <summary>The byte with the type, and one to four with the length.</summary>
        public static int HeaderLength(ReadOnlySpan<byte> packet)
        {
            int length = 2;
            while (packet[length - 1] >= 0x80)
                length++;
            return length;
        }

        private static int? Length(ReadOnlySpan<byte> bytes)
        {
            int remaining = 0;
            for (int i = 1; i < bytes.Length; i++)
            {
                remaining |= (bytes[i] & 0x7F) << (7 * (i - 1));
                if (bytes[i] < 0x80)
                    return i + 1 + remaining;
            }

            return null;
        }
    }
}

/// <summary>HTTP requests with a Content-Length; answers are not looked at.</summary>
internal sealed class HttpWire : Wire
{
    private const string LengthHeader = "\r\nContent-Length:";

    private readonly StringBuilder _head = new();
    private int _length;
    private int _done;

    public override IReadOnlyList<WirePoint> ToServer(ReadOnlySpan<byte> piece)
    {
        var points = new List<WirePoint>();
        for (int at = 0; at < piece.Length;)
        {
            if (_length == 0)
            {
                ReadHead(piece[at++]);
                continue;
            }

            int count = Math.Min(piece.Length - at, _length - _done);
            int half = (_length / 2) - _done;
            if (half >= 0 && half < count)
                points.Add(new WirePoint(WireMoment.HalfSent, at + half, null));
            at += count;
            _done += count;
            if (_done < _length)
                continue;
            points.Add(new WirePoint(WireMoment.Sent, at, null));
            _length = 0;
        }

        return points;
    }

    public override IReadOnlyList<WirePoint> ToClient(ReadOnlySpan<byte> piece) => [];

    private void ReadHead(byte next)
    {
        _head.Append((char)next);
        if (_head.Length < 4 || _head[^1] != '\n' || _head[^2] != '\r' || _head[^3] != '\n')
            return;
        string head = _head.ToString();
        int length = head.IndexOf(LengthHeader, StringComparison.OrdinalIgnoreCase);
        if (length >= 0)
        {
            length += LengthHeader.Length;
            _length = int.Parse(head.AsSpan(length, head.IndexOf('\r', length) - length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
        }

        _head.Clear();
        _done = 0;
    }
}
