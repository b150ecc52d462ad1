using System.Collections;
using System.Reflection;
using EdgeInference.Publishing;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Options;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>Every option that holds text, found in the code, so that one which is added later is looked at too.</summary>
internal static class StringOptions
{
    /// <summary>Makes a whole configuration of one stream.</summary>
    /// <param name="value">The value of each option by its key, such as Mqtt:Host or Streams:Source:Input; null leaves it out.</param>
    public static Dictionary<string, object> Fill(Func<string, object?> value)
    {
        Dictionary<string, object> all = Fill(typeof(EdgeInferenceOptions), "", value);
        all["Streams"] = new[] { FillStream(value) };
        return all;
    }

    /// <inheritdoc cref="Fill(Func{string, object?})"/>
    public static Dictionary<string, object> FillStream(Func<string, object?> value) => Fill(typeof(StreamOptions), "Streams:", value);

    private static Dictionary<string, object> Fill(Type type, string prefix, Func<string, object?> value)
    {
        var section = new Dictionary<string, object>();
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.CanWrite))
        {
            if (property.PropertyType == typeof(IReadOnlyDictionary<string, PublisherOptions>))
                section[property.Name] = BuiltInPublishers.All.ToDictionary(static publisher => publisher.Name, publisher => Fill(publisher.OptionsType, $"{prefix}Publishers:{publisher.Name}:", value));
            else if (property.PropertyType == typeof(string) && value(prefix + property.Name) is { } text)
                section[property.Name] = text;
            else if (!OptionValue.IsScalar(property.PropertyType) && !typeof(IEnumerable).IsAssignableFrom(property.PropertyType))
                section[property.Name] = Fill(property.PropertyType, $"{prefix}{property.Name}:", value);
        }

        return section;
    }
}
