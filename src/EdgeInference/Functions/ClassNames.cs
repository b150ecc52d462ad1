using System.Collections.Concurrent;
using System.Globalization;

namespace EdgeInference.Functions;

/// <summary>The unique names of one output's classes. Safe for any number of threads; a known class costs no allocation.</summary>
internal sealed class ClassNames
{
    /// <summary>Numbers whose text is kept: more than models have classes, few enough for damaged outputs to do no harm.</summary>
    private const int MaxNumbers = 65_536;

    private readonly Dictionary<int, string> _names = [];
    private readonly ConcurrentDictionary<int, string> _numbers = new();

    public ClassNames(IReadOnlyDictionary<int, string> names)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach ((int classId, string name) in names.OrderBy(static entry => entry.Key))
        {
            string unique = IsNumberOfAnotherClass(name, classId) ? WithNumber(name, classId) : name;
            while (!taken.Add(unique))
                unique = WithNumber(unique, classId);
            _names.Add(classId, unique);
        }
    }

    public int Count => _names.Count;

    /// <summary>The largest number that has a name; -1 where none has.</summary>
    public int LargestClass => _names.Count == 0 ? -1 : _names.Keys.Max();

    public string this[int classId]
    {
        get
        {
            if (_names.TryGetValue(classId, out string? name) || _numbers.TryGetValue(classId, out name))
                return name;
            string number = classId.ToString(CultureInfo.InvariantCulture);
            return _numbers.Count < MaxNumbers ? _numbers.GetOrAdd(classId, number) : number;
        }
    }

    public bool Contains(string name) => _names.ContainsValue(name);

    private static string WithNumber(string name, int classId) =>
        string.Create(CultureInfo.InvariantCulture, $"{name} (#{classId})");

    private static bool IsNumberOfAnotherClass(string name, int classId) =>
        int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number != classId;
}
