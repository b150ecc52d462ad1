using Xunit.Abstractions;
using Xunit.Sdk;

namespace EdgeInference.Integration.Tests.Greengrass;

/// <summary>
/// A test that needs a nucleus Lite, which EDGEINFERENCE_NUCLEUS names: an installed tree, or a .deb as its releases have it. It is in no
/// package registry, so that continuous integration has none; without one, there is no such test. ./dev nucleus runs it.
/// </summary>
[XunitTestCaseDiscoverer($"EdgeInference.Integration.Tests.Greengrass.{nameof(NucleusFactDiscoverer)}", "EdgeInference.Integration.Tests")]
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NucleusFactAttribute : FactAttribute
{
    public static string? Nucleus => Environment.GetEnvironmentVariable("EDGEINFERENCE_NUCLEUS") is { Length: > 0 } path ? path : null;
}

/// <summary>Finds the tests of <see cref="NucleusFactAttribute"/>.</summary>
/// <param name="sink">Where messages go.</param>
internal sealed class NucleusFactDiscoverer(IMessageSink sink) : FactDiscoverer(sink)
{
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        NucleusFactAttribute.Nucleus is null ? [] : base.Discover(discoveryOptions, testMethod, factAttribute);
}
