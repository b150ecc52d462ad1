using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Publishing.Mqtt;

public sealed partial class MqttOptions : IValidatableObject
{
    /// <summary>The rules across members, and whether the files are there and can be used. No message holds a secret.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // An empty one switches off what a file has configured.
        if (Host is null)
            return OptionsThatAreSet().Select(static option => new ValidationResult($"{nameof(Host)} is required with it", [option]));
        if (Host.Length == 0)
            return [];

        var faults = new List<ValidationResult>();
        if (Uri.CheckHostName(Host) == UriHostNameType.Unknown)
            Fault("must be a host name or address alone, without scheme, port or path", nameof(Host));

        bool tls = new MqttEndpoint(this).Tls;
        if (!tls)
        {
            RequireTls(CaFile, nameof(CaFile));
            RequireTls(CertificateFile, nameof(CertificateFile));
            RequireTls(Alpn, nameof(Alpn));
        }

        if (CertificateFile is null != KeyFile is null)
        {
            string missing = CertificateFile is null ? nameof(CertificateFile) : nameof(KeyFile);
            Fault($"is required: {nameof(CertificateFile)} and {nameof(KeyFile)} belong together", missing);
        }

        if (KeyPassword is not null && KeyFile is null)
            Fault($"is for a {nameof(KeyFile)}, and there is none", nameof(KeyPassword));
        if (Password is not null && PasswordFile is not null)
            Fault($"and {nameof(Password)} exclude each other", nameof(PasswordFile));
        if ((Password ?? PasswordFile) is not null && Username is null)
            Fault($"is required with {nameof(Password)} or {nameof(PasswordFile)}", nameof(Username));
        if (StatusTopic is not null && MqttTopic.FindFault(StatusTopic) is { } fault)
            Fault(fault, nameof(StatusTopic));

        foreach (MqttFileException file in MqttFiles.FindFaults(this))
            Fault(file.Message, file.Option);
        return faults;

        void Fault(string message, string member) => faults.Add(new ValidationResult(message, [member]));

        void RequireTls(string? value, string member)
        {
            if (value is not null)
                Fault($"is for TLS, which is off for {Host}: set {nameof(Tls)} to true", member);
        }
    }

    private IEnumerable<string> OptionsThatAreSet()
    {
        var defaults = new MqttOptions();
        return typeof(MqttOptions).GetProperties()
            .Where(property => !Equals(property.GetValue(this), property.GetValue(defaults)))
            .Select(static property => property.Name);
    }
}
