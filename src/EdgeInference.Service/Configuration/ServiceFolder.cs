using System.Collections;

namespace EdgeInference.Service.Configuration;

/// <summary>Where the service keeps files of a kind: as configured, else where systemd says, else where the user keeps such files.</summary>
/// <param name="SystemdVariable">Lists folders that systemd has made, with colons between them.</param>
/// <param name="UserVariable">Names the user's folder of such files (XDG Base Directory Specification).</param>
/// <param name="HomeFolder">That folder below the home directory, where the variable is not set.</param>
internal sealed record ServiceFolder(string SystemdVariable, string UserVariable, string HomeFolder)
{
    public static ServiceFolder Cache { get; } = new("CACHE_DIRECTORY", "XDG_CACHE_HOME", ".cache");

    public static ServiceFolder State { get; } = new("STATE_DIRECTORY", "XDG_STATE_HOME", ".local/state");

    /// <returns>Null when nobody says where it could be.</returns>
    public string? Find(string? configured, IDictionary environment)
    {
        if (configured is { Length: > 0 })
            return Path.GetFullPath(configured);
        if (Variable(SystemdVariable)?.Split(':')[0] is { } given)
            return given;
        string? ofUser = Variable(UserVariable) ?? (Variable("HOME") is { } home ? Path.Combine(home, HomeFolder) : null);
        return ofUser is null ? null : Path.Combine(ofUser, "edge-inference");

        string? Variable(string name) => environment[name] is string value && Path.IsPathRooted(value) ? value : null;
    }
}
