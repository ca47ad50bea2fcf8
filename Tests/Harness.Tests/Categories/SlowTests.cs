using System.Runtime.CompilerServices;
using Xunit.v3;

namespace Harness.Tests;

/// <summary>A test that takes long, or that needs more than the SDK. A plain <c>dotnet test</c> leaves it out, see Harness.Tests.csproj.</summary>
public sealed class SlowFactAttribute(Category category, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : FactAttribute(file, line), ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [SlowTests.Trait(category)];
}

/// <summary>See <see cref="SlowFactAttribute"/>.</summary>
public sealed class SlowTheoryAttribute(Category category, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : TheoryAttribute(file, line), ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [SlowTests.Trait(category)];
}

internal static class SlowTests
{
    public const string TraitName = "category";

    public static KeyValuePair<string, string> Trait(Category category) => new(TraitName, category.ToString().ToLowerInvariant());
}
