namespace EdgeInference.Publishing.Connections;

/// <summary>One connection, from its start to its end.</summary>
internal interface IKeptSession<TTrouble> : IAsyncDisposable
{
    /// <summary>Completes when the connection has ended, with the reason.</summary>
    Task<TTrouble> Ended { get; }
}

/// <summary>Why there is no connection.</summary>
internal interface IConnectionTrouble
{
    /// <summary>What kind of trouble, 0 to 31: a change of it is worth a line in the log.</summary>
    int KindNumber { get; }

    /// <summary>One line for people, without secrets.</summary>
    string Reason { get; }

    bool NeedsPerson { get; }
}
