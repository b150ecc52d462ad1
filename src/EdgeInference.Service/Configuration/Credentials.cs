using System.Collections;

namespace EdgeInference.Service.Configuration;

/// <summary>
/// What systemd hands to this service alone (LoadCredential=): files of a folder in memory, for its user only to read. Their names are
/// those that the administrator gave them.
/// </summary>
internal sealed class Credentials
{
    // systemd puts this, the unit's name for the administrator's folder, before the name of each file in it.
    private const string Prefix = "edge-inference_";

    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    private Credentials(IEnumerable<string> files)
    {
        // Those with the prefix come last: one that a drop-in of the unit loads under its own name stands before them.
        foreach (string path in files.OrderBy(static path => Path.GetFileName(path).StartsWith(Prefix, StringComparison.Ordinal)))
            _paths.TryAdd(NameOf(path), path);
    }

    /// <exception cref="ConfigurationException">The folder cannot be read.</exception>
    public static Credentials Of(IDictionary environment)
    {
        if (environment["CREDENTIALS_DIRECTORY"] is not string folder || !Directory.Exists(folder))
            return new Credentials([]);
        return Read(folder, static folder => new Credentials(Directory.GetFiles(folder)));
    }

    /// <summary>The path of the credential that a bare file name names; any other path as it is.</summary>
    public string? Find(string? path) => path is not null && _paths.TryGetValue(path, out string? credential) ? credential : path;

    /// <summary>The credentials that are named as the environment names settings, such as EdgeInference__Mqtt__Password.</summary>
    /// <returns>Names and values; a line end after the value does not count.</returns>
    /// <exception cref="ConfigurationException">One of them cannot be read.</exception>
    public IEnumerable<KeyValuePair<string, string?>> ReadSettings(string prefix) => _paths
        .Where(credential => credential.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        .Select(static credential => KeyValuePair.Create(credential.Key, (string?)Read(credential.Value, File.ReadAllText).TrimEnd('\r', '\n')));

    private static string NameOf(string path)
    {
        string name = Path.GetFileName(path);
        return name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;
    }

    private static T Read<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([new ConfigurationFault(path, exception.Message)]);
        }
    }
}
