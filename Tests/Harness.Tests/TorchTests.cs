using Harness.Tests;
using Xunit.v3;

[assembly: CollectionBehavior(typeof(TorchTests))]

namespace Harness.Tests;

/// <summary>Runs the tests that compute with TorchSharp one after the other, and apart from all others; every other class by itself, as usual.</summary>
/// <remarks>
/// TorchSharp hands the handle of a number (`Scalar`) to native code without keeping the number alive. A garbage collection that another
/// thread sets off while the native code runs may free it under its feet: an exception of libtorch out of nowhere, or a wrong number. The
/// trainer trains on its only busy thread, and so do these tests. Threads that earlier tests have left behind allocate little, and
/// launchSettings.json lets much be allocated before a collection.
/// </remarks>
public sealed class TorchTests(IXunitTestAssembly testAssembly) : TestCollectionFactoryBase(testAssembly)
{
    private readonly XunitTestCollection alone = new(testAssembly, collectionDefinition: null, disableParallelization: true, "Torch");

    public override string DisplayName => "one collection per class, one for all that compute with TorchSharp";

    protected override IXunitTestCollection GetDefaultTestCollection(Type testClass) => testClass.Namespace!.StartsWith("Harness.Tests.Training", StringComparison.Ordinal)
        ? alone
        : new XunitTestCollection(TestAssembly, collectionDefinition: null, disableParallelization: false, $"Tests of {testClass.FullName}");
}
