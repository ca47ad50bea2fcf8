using System.Collections.Concurrent;
using System.Globalization;

[assembly: AssemblyFixture(typeof(Harness.Tests.SlowestTests))]

namespace Harness.Tests;

/// <summary>Writes the slowest tests of a run to artifacts/slowest-tests.txt: <c>dotnet test</c> does not show what a test program prints at its end.</summary>
public sealed class SlowestTests : IDisposable
{
    private const int Shown = 30;

    private static readonly ConcurrentBag<(string Name, double Seconds)> all = [];

    internal static void Add(string name, double seconds) => all.Add((name, seconds));

    public void Dispose()
    {
        string[] lines =
        [
            string.Create(CultureInfo.InvariantCulture, $"The slowest of {all.Count:N0} tests:"),
            .. all.OrderByDescending(test => test.Seconds).Take(Shown).Select(test => string.Create(CultureInfo.InvariantCulture, $"{test.Seconds,8:0.0} s  {test.Name}")),
        ];
        File.WriteAllLines(Path.Combine(Repository.Root, "artifacts", "slowest-tests.txt"), lines);
    }
}
