using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using EdgeInference.Publishing;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.Configuration;

/// <summary>
/// Binds and validates a section, and finds every fault in one go: unknown keys, values that do not fit, broken rules.
/// (The framework's own binder passes over unknown keys or stops at the first fault.)
/// </summary>
internal sealed class OptionsBinder(IReadOnlyList<PublisherRegistration> publishers)
{
    private readonly List<ConfigurationFault> _faults = [];

    /// <summary>All faults found so far; their keys are those of the configuration.</summary>
    public IReadOnlyList<ConfigurationFault> Faults => _faults;

    public T Bind<T>(IConfigurationSection section)
        where T : new()
    {
        var options = new T();
        Fill(options, section);
        return options;
    }

    private void Fill(object options, IConfigurationSection section)
    {
        Dictionary<string, PropertyInfo> properties = options.GetType()
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static property => property.CanWrite)
            .ToDictionary(static property => property.Name, StringComparer.OrdinalIgnoreCase);

        if (section.Value is { Length: > 0 })
            _faults.Add(new ConfigurationFault(section.Path, "is a section with keys of its own, not a value"));
        IEnumerable<IConfigurationSection> children = section.GetChildren()
            .Concat(KnownSections(properties.Values, section))
            .DistinctBy(static child => child.Key, StringComparer.OrdinalIgnoreCase);
        foreach (IConfigurationSection child in children)
        {
            if (!properties.TryGetValue(child.Key, out PropertyInfo? property))
                _faults.Add(new ConfigurationFault(child.Path, $"unknown key; known here: {string.Join(", ", properties.Keys.Order(StringComparer.Ordinal))}"));
            else if (ReadProperty(property, options, child) is { } value)
                property.SetValue(options, value);
        }

        Validate(options, section);
    }

    /// <summary>Sections are read even where nobody wrote them, because what they require is then missing.</summary>
    private static IEnumerable<IConfigurationSection> KnownSections(IEnumerable<PropertyInfo> properties, IConfigurationSection section) => properties
        .Where(static property => !OptionValue.IsScalar(property.PropertyType) && !typeof(IList).IsAssignableFrom(property.PropertyType))
        .Select(property => section.GetSection(property.Name));

    private object? ReadProperty(PropertyInfo property, object options, IConfigurationSection section)
    {
        Type type = property.PropertyType;
        if (OptionValue.IsScalar(type))
            return ReadScalar(section, type);
        if (type == typeof(IReadOnlyDictionary<string, PublisherOptions>))
            return ReadPublishers(section);
        if (type.IsArray)
            return ReadArray(section, type.GetElementType()!);
        if (typeof(IList).IsAssignableFrom(type))
            return ReadList(section, type);

        object nested = property.GetValue(options)!;
        Fill(nested, section);
        return nested;
    }

    private object? ReadScalar(IConfigurationSection section, Type type)
    {
        // An empty value is as good as none: that is how an environment takes a setting back.
        if (string.IsNullOrWhiteSpace(section.Value))
        {
            if (section.GetChildren().Any())
                _faults.Add(new ConfigurationFault(section.Path, $"must be one value: {OptionValue.Allowed(type)}"));
            return null;
        }

        if (OptionValue.TryRead(section.Value, type, out object? value, out string allowed))
            return value;
        _faults.Add(new ConfigurationFault(section.Path, $"'{section.Value}' is not allowed; allowed: {allowed}"));
        return null;
    }

    /// <summary>A list of values, or one text with commas between them; null when one of them does not fit.</summary>
    private Array? ReadArray(IConfigurationSection section, Type elementType)
    {
        object?[] elements = section.Value is { } text
            ? [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(part => ReadElement(part))]
            : [.. section.GetChildren().Select(child => ReadScalar(child, elementType))];
        if (elements.Contains(null))
            return null;
        var array = Array.CreateInstance(elementType, elements.Length);
        elements.CopyTo(array, 0);
        return array;

        object? ReadElement(string part)
        {
            if (!OptionValue.TryRead(part, elementType, out object? value, out string allowed))
                _faults.Add(new ConfigurationFault(section.Path, $"'{part}' is not allowed; allowed: {allowed}"));
            return value;
        }
    }

    private IList ReadList(IConfigurationSection section, Type type)
    {
        var list = (IList)Activator.CreateInstance(type)!;
        foreach (IConfigurationSection child in section.GetChildren())
        {
            object element = Activator.CreateInstance(type.GetGenericArguments()[0])!;
            Fill(element, child);
            list.Add(element);
        }

        return list;
    }

    private Dictionary<string, PublisherOptions> ReadPublishers(IConfigurationSection section)
    {
        var bound = new Dictionary<string, PublisherOptions>(StringComparer.OrdinalIgnoreCase);
        foreach (PublisherRegistration publisher in publishers)
        {
            var options = (PublisherOptions)Activator.CreateInstance(publisher.OptionsType)!;
            Fill(options, section.GetSection(publisher.Name));
            bound.Add(publisher.Name, options);
        }

        foreach (IConfigurationSection unknown in section.GetChildren().Where(child => !bound.ContainsKey(child.Key)))
            _faults.Add(new ConfigurationFault(unknown.Path, $"unknown publisher; known: {string.Join(", ", bound.Keys)}"));
        return bound;
    }

    private void Validate(object options, IConfigurationSection section)
    {
        var results = new List<ValidationResult>();
        var context = new ValidationContext(options);
        Validator.TryValidateObject(options, context, results, validateAllProperties: true);

        // The rules across members are left out by the framework when an attribute has found a fault.
        if (results.Count > 0 && options is IValidatableObject rules)
            results.AddRange(rules.Validate(context));
        foreach (ValidationResult result in results.DistinctBy(static result => (result.ErrorMessage, string.Join(',', result.MemberNames))))
        {
            IEnumerable<string> members = result.MemberNames.DefaultIfEmpty("");
            _faults.AddRange(members.Select(member => new ConfigurationFault(
                member.Length == 0 ? section.Path : ConfigurationPath.Combine(section.Path, member), MessageOf(options, member, result))));
        }
    }

    /// <summary>Of a range, the framework's sentence repeats the key and does not say the value.</summary>
    private static string MessageOf(object options, string member, ValidationResult result) =>
        options.GetType().GetProperty(member) is { } property
        && property.GetCustomAttribute<RangeAttribute>() is { } range
        && range.FormatErrorMessage(member) == result.ErrorMessage
            ? string.Create(CultureInfo.InvariantCulture, $"'{property.GetValue(options)}' is not allowed; allowed: {range.Minimum} to {range.Maximum}")
            : result.ErrorMessage ?? "is wrong";
}
