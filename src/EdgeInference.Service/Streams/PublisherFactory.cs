using EdgeInference.Publishing;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Publishing.Outbox;
using EdgeInference.Service.Configuration;

namespace EdgeInference.Service.Streams;

/// <summary>Makes the publishers of streams from their options.</summary>
internal sealed class PublisherFactory(IReadOnlyList<PublisherRegistration> registrations, IServiceProvider services)
{
    /// <summary>Those of a stream that take its reports from the outbox.</summary>
    public IEnumerable<DurablePublisher> CreateDurable(ConfiguredStream stream) => Of(stream, isDurable: true).Select(
        registration => new DurablePublisher(new CursorKey(stream.Name, registration.Name), Create(registration, stream)));

    /// <summary>Those of a stream that get its reports as they are made.</summary>
    public IEnumerable<KeyValuePair<string, IPublisher>> CreateDirect(ConfiguredStream stream) =>
        Of(stream, isDurable: false).Select(registration => KeyValuePair.Create(registration.Name, Create(registration, stream)));

    /// <summary>What may keep those of a stream from working on this machine.</summary>
    public IEnumerable<string> FindDoubts(ConfiguredStream stream) => registrations
        .Where(registration => IsEnabled(registration, stream))
        .Select(registration => (registration.Name, Doubt: registration.FindDoubt(stream.Options.Publishers[registration.Name])))
        .Where(static publisher => publisher.Doubt is not null)
        .Select(static publisher => $"{publisher.Name} {publisher.Doubt}");

    private IEnumerable<PublisherRegistration> Of(ConfiguredStream stream, bool isDurable) =>
        registrations.Where(registration => registration.IsDurable == isDurable && IsEnabled(registration, stream));

    private bool IsEnabled(PublisherRegistration registration, ConfiguredStream stream) =>
        stream.Options.Publishers[registration.Name].Enabled ?? registration.IsOnByDefault(services);

    private IPublisher Create(PublisherRegistration registration, ConfiguredStream stream) => registration.Create(
        services,
        new PublisherContext(stream.Name, stream.IsParamStream, stream.Options.Model.Device),
        stream.Options.Publishers[registration.Name]);
}
