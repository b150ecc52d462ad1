using System.Collections;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.LocalJpeg;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Options;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.Tests.Configuration;

public sealed class ServiceConfigurationTests
{
    private readonly Dictionary<string, string?> _file = [];
    private readonly Hashtable _environment = [];

    [Fact]
    public void Load_OnlyTheVariablesOfTheSamples_DescribesTheFirstStream()
    {
        _environment["PARAM_MODEL_XML"] = "/models/m.xml";
        _environment["PARAM_INPUT_SOURCE"] = "/videos/v.mp4";
        _environment["PARAM_DEVICE"] = "CPU";
        _environment["PARAM_NUM_TOP_RESULTS"] = "5";
        _environment["PARAM_LABELMAP_FILE"] = "/models/labels.json";
        _environment["PARAM_TOPIC_NAME"] = "factory/line1";
        _environment["PARAM_REPORTING_INTERVAL"] = "0.5";
        _environment["PARAM_OUTPUT_DIRECTORY"] = "/out";
        _environment["PARAM_ENABLE_LOCAL_JPEG_OUTPUT"] = "True";
        _environment["PARAM_ENABLE_KINESIS_OUTPUT"] = "False";
        _environment["PATH"] = "/bin";

        ServiceConfiguration configuration = Load();

        StreamOptions stream = Assert.Single(configuration.Options.Streams);
        Assert.Equal("/models/m.xml", stream.Model.Path);
        Assert.Equal("/videos/v.mp4", stream.Source.Input);
        Assert.Equal(5, stream.Classification.TopResults);
        Assert.Equal("/models/labels.json", stream.LabelMap);
        Assert.Equal("factory/line1", stream.TopicName);
        Assert.Equal(TimeSpan.FromSeconds(0.5), stream.ReportingInterval);
        var jpeg = Assert.IsType<LocalJpegOptions>(stream.Publishers["LocalJpeg"]);
        Assert.True(jpeg.Enabled);
        Assert.Equal("/out", jpeg.Directory);
        Assert.True(configuration.Streams[0].IsParamStream);
        Assert.Empty(configuration.Warnings);
    }

    [Fact]
    public void Load_TopicIsAFilter_IsAFaultNamedAsItWasWritten()
    {
        _environment["PARAM_MODEL_XML"] = "/models/m.xml";
        _environment["PARAM_INPUT_SOURCE"] = "/videos/v.mp4";
        _environment["PARAM_TOPIC_NAME"] = "openvino/#";

        ConfigurationFault fault = Assert.Single(Assert.Throws<ConfigurationException>(Load).Faults);

        Assert.Equal("PARAM_TOPIC_NAME", fault.Key);
        Assert.StartsWith("must not hold '+', '#'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ValueOutOfRange_SaysValueAndRange()
    {
        _file["EdgeInference:Streams:0:Model:Path"] = "m.xml";
        _file["EdgeInference:Streams:0:Source:Input"] = "v.mp4";
        _file["EdgeInference:Streams:0:Model:Requests"] = "99";
        _file["EdgeInference:Streams:0:Publishers:Webhook:Timeout"] = "11m";

        Assert.Equal(
            ["'99' is not allowed; allowed: 0 to 64", "'00:11:00' is not allowed; allowed: 00:00:00.1000000 to 00:10:00"],
            Assert.Throws<ConfigurationException>(Load).Faults.Select(static fault => fault.Message));
    }

    [Fact]
    public void Load_SectionThatNobodyReads_IsAWarning()
    {
        _file["EdgeInference:Streams:0:Model:Path"] = "m.xml";
        _file["EdgeInference:Streams:0:Source:Input"] = "v.mp4";
        _file["Logging:LogLevel"] = "Debug";
        _file["serilog:MinimumLevel"] = "Debug";

        Assert.Equal(["Logging: unknown section, which has no effect; known: EdgeInference, Serilog"], Load().Warnings);
    }

    [Theory]
    [InlineData("Source:Input", "Model:Path")]
    [InlineData("Model:Path", "Source:Input")]
    public void Load_SectionNotThere_ItsRequiredKeysAreMissing(string present, string missing)
    {
        _file[$"EdgeInference:Streams:0:{present}"] = "x";

        var exception = Assert.Throws<ConfigurationException>(Load);

        ConfigurationFault fault = Assert.Single(exception.Faults);
        Assert.Equal($"EdgeInference:Streams:0:{missing}", fault.Key);
        Assert.Contains("required", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileAndEnvironment_TheEnvironmentWinsAndTheRestStays()
    {
        AddStream(0);
        AddStream(1);
        _file["EdgeInference:Streams:0:Decimals"] = "3";
        _environment["EdgeInference__Streams__0__Model__Path"] = "other.xml";
        _environment["EdgeInference__Streams__1__Name"] = "line2";

        ServiceConfiguration configuration = Load();

        Assert.Equal("other.xml", configuration.Options.Streams[0].Model.Path);
        Assert.Equal(3, configuration.Options.Streams[0].Decimals);
        Assert.Equal(["stream1", "line2"], configuration.Options.Streams.Select(static stream => stream.Name));
        Assert.DoesNotContain(configuration.Streams, static stream => stream.IsParamStream);
    }

    [Fact]
    public void Load_ManyFaults_NamesThemAllAtOnceWithTheirKeys()
    {
        AddStream(0);
        _file["EdgeInference:Streams:0:Decimals"] = "many";
        _file["EdgeInference:Streams:0:JpegQuality"] = "101";
        _file["EdgeInference:Streams:0:Treshold"] = "0.5";
        _file["EdgeInference:Streams:0:Detection:Threshold"] = "1.5";
        _file["EdgeInference:Streams:0:Publishers:LocalJpeg:Enabled"] = "true";
        _file["EdgeInference:Streams:0:Publishers:Telegraph:Enabled"] = "true";
        _file["EdgeInference:Streams:0:Name"] = "a/b";
        _file["EdgeInference:Streams:0:Source:Decoder"] = "magic";
        _file["EdgeInference:Streams:0:Preprocessing:Mean"] = "1,2,x";
        _environment["PARAM_REPORTING_INTERVAL"] = "soon";
        _environment["PARAM_ENABLE_S3_JPEG_OUTPUT"] = "True";
        _environment["PARAM_ENABLE_IOT_CLOUD_OUTPUT"] = "True";

        var exception = Assert.Throws<ConfigurationException>(Load);

        Assert.Equal(
            [
                "EdgeInference:Streams:0:Decimals",
                "EdgeInference:Streams:0:Detection:Threshold",
                "EdgeInference:Streams:0:JpegQuality",
                "EdgeInference:Streams:0:Name",
                "EdgeInference:Streams:0:Preprocessing:Mean",
                "EdgeInference:Streams:0:Publishers:LocalJpeg:Directory",
                "EdgeInference:Streams:0:Publishers:S3:Bucket",
                "EdgeInference:Streams:0:Publishers:Telegraph",
                "EdgeInference:Streams:0:Source:Decoder",
                "EdgeInference:Streams:0:Treshold",
                "PARAM_ENABLE_IOT_CLOUD_OUTPUT",
                "PARAM_REPORTING_INTERVAL",
            ],
            exception.Faults.Select(static fault => fault.Key).Order(StringComparer.Ordinal));
        Assert.All(exception.Faults, static fault => Assert.NotEmpty(fault.Message));
    }

    [Theory]
    [InlineData("True", true)]
    [InlineData("False", false)]
    public void Load_IotCloudOutputOfAComponent_IsThatOfTheNucleus(string value, bool expected)
    {
        AddStream(0);
        _environment["PARAM_ENABLE_IOT_CLOUD_OUTPUT"] = value;
        BecomeComponent();

        ServiceConfiguration configuration = Load();

        Assert.Equal(expected, configuration.Options.Streams[0].Publishers["Greengrass"].Enabled);
        Assert.Null(configuration.Options.Streams[0].Publishers["Mqtt"].Enabled);
    }

    [Fact]
    public void Load_IotCloudOutputElsewhere_IsThatOfTheBroker()
    {
        AddStream(0);
        _file["EdgeInference:Mqtt:Host"] = "localhost";
        _environment["PARAM_ENABLE_IOT_CLOUD_OUTPUT"] = "True";

        ServiceConfiguration configuration = Load();

        Assert.True(configuration.Options.Streams[0].Publishers["Mqtt"].Enabled);
        Assert.Null(configuration.Options.Streams[0].Publishers["Greengrass"].Enabled);
    }

    [Theory]
    [InlineData("SVCUID")]
    [InlineData("AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT")]
    public void Load_GreengrassWithoutItsNucleus_NamesTheKeyAndWhatIsMissing(string missing)
    {
        AddStream(0);
        AddStream(1);
        _file["EdgeInference:Streams:1:Publishers:Greengrass:Enabled"] = "true";
        BecomeComponent();
        _environment.Remove(missing);

        ConfigurationFault fault = Assert.Single(Assert.Throws<ConfigurationException>(Load).Faults);

        Assert.Equal("EdgeInference:Streams:1:Publishers:Greengrass:Enabled", fault.Key);
        Assert.Contains(missing, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_GreengrassOptions_AreBoundAndChecked()
    {
        AddStream(0);
        BecomeComponent();
        _file["EdgeInference:Greengrass:Nucleus"] = "Classic";
        _file["EdgeInference:Streams:0:Publishers:Greengrass:Enabled"] = "true";
        _file["EdgeInference:Streams:0:Publishers:Greengrass:Qos"] = "2";

        ConfigurationFault fault = Assert.Single(Assert.Throws<ConfigurationException>(Load).Faults);
        Assert.Equal("EdgeInference:Streams:0:Publishers:Greengrass:Qos", fault.Key);
        _file["EdgeInference:Streams:0:Publishers:Greengrass:Qos"] = "0";
        Assert.Equal(NucleusKind.Classic, Load().Options.Greengrass.Nucleus);
        _file["EdgeInference:Greengrass:Nucleus"] = "Small";
        Assert.Equal("EdgeInference:Greengrass:Nucleus", Assert.Single(Assert.Throws<ConfigurationException>(Load).Faults).Key);
    }

    [Fact]
    public void Load_NoStream_SaysHowToAddOne()
    {
        var exception = Assert.Throws<ConfigurationException>(Load);

        Assert.Contains("PARAM_MODEL_XML", Assert.Single(exception.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TwoStreamsOfOneName_IsAFault()
    {
        AddStream(0);
        AddStream(1);
        _file["EdgeInference:Streams:0:Name"] = "line";
        _file["EdgeInference:Streams:1:Name"] = "LINE";

        var exception = Assert.Throws<ConfigurationException>(Load);

        Assert.Equal("EdgeInference:Streams:1:Name", Assert.Single(exception.Faults).Key);
    }

    [Fact]
    public void Load_VariableWithoutMeaning_WarnsAndGoesOn()
    {
        AddStream(0);
        _environment["PARAM_COLOUR"] = "green";

        ServiceConfiguration configuration = Load();

        Assert.Contains("PARAM_COLOUR", Assert.Single(configuration.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_CpuExtensionOfTheSamples_IsKeptApartFromTheStrictOption()
    {
        AddStream(0);
        _environment["PARAM_CPU_EXTENSION_PATH"] = "/usr/lib64/libcpu_extension.so";

        ServiceConfiguration configuration = Load();

        Assert.Equal("/usr/lib64/libcpu_extension.so", configuration.Streams[0].ParamCpuExtension);
        Assert.Null(configuration.Options.Streams[0].Model.CpuExtension);
        Assert.Empty(configuration.Warnings);
    }

    [Fact]
    public void FromSettings_FaultInAFlag_NamesTheFlag()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["EdgeInference:Streams:0:Model:Path"] = "m.xml",
            ["EdgeInference:Streams:0:Source:Input"] = "v.mp4",
            ["EdgeInference:Streams:0:ReportingInterval"] = "-1",
        };
        var origins = new Dictionary<string, string>(StringComparer.Ordinal) { ["EdgeInference:Streams:0:ReportingInterval"] = "--interval" };

        var exception = Assert.Throws<ConfigurationException>(
            () => ServiceConfiguration.FromSettings(settings, origins, BuiltInPublishers.All));

        Assert.Equal("--interval", Assert.Single(exception.Faults).Key);
    }

    private void AddStream(int index)
    {
        _file[$"EdgeInference:Streams:{index}:Model:Path"] = "m.xml";
        _file[$"EdgeInference:Streams:{index}:Source:Input"] = "v.mp4";
    }

    private void BecomeComponent()
    {
        _environment["AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT"] = "/run/gg-ipc.socket";
        _environment["SVCUID"] = "canary-token";
    }

    private ServiceConfiguration Load() => ServiceConfiguration.Load(
        new ConfigurationBuilder().AddInMemoryCollection(_file).Build(), _environment, BuiltInPublishers.All);
}
