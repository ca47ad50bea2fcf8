using Harness.Catalog.Data;

namespace Harness.Tests.Experiments;

/// <summary>The shipped data files are what their generator makes.</summary>
public sealed class CatalogDataTests
{
    public static TheoryData<string> Names => [.. CatalogData.Files.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_data_file_is_what_its_generator_makes(string name)
    {
        var content = CatalogData.Files.Single(file => file.Name == name).Content;
        var path = Path.Combine(SpecText.Catalog, "data", name);
        if (Environment.GetEnvironmentVariable("HARNESS_REGENERATE") == "1") File.WriteAllText(path, content);
        File.ReadAllText(path).ShouldBe(content);
    }

    [Fact]
    public void No_data_file_is_without_a_generator() =>
        Directory.GetFiles(Path.Combine(SpecText.Catalog, "data")).Select(file => Path.GetFileName(file)!).Where(name => !name.EndsWith(".cs", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .ShouldBe(CatalogData.Files.Select(file => file.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void The_series_leaves_only_its_noise_to_chance()
    {
        var rows = CatalogData.Files.Single(file => file.Name == "load.csv").Content.Split('\n')[1..^1].Select(row => row.Split(',').Select(cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture)).ToArray()).ToArray();
        rows.Length.ShouldBe(4_000);
        double Expected(int hour) => 100 + 12 * Math.Cos(Math.PI * hour / 12) + 6 * Math.Sin(Math.PI * hour / 6) + 0.5 * (rows[hour - 6][1] - 12);
        var errors = Enumerable.Range(10, 3_900).Select(hour => rows[hour][0] - Expected(hour) - 0.8 * (rows[hour - 1][0] - Expected(hour - 1))).ToArray();
        var (noise, mean) = (errors.Average(error => error * error), rows.Average(row => row[0]));
        noise.ShouldBe(4, 0.4);
        (noise / rows.Average(row => (row[0] - mean) * (row[0] - mean))).ShouldBe(0.05, 0.005);
    }
}
