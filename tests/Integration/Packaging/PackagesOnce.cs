namespace EdgeInference.Integration.Tests.Packaging;

/// <summary>Tests of the packages, which are made once for all of them.</summary>
[CollectionDefinition(Name)]
public sealed class PackagesOnce : ICollectionFixture<Package>
{
    public const string Name = "Package";
}
