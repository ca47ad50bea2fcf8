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

    [Fact]
    public void The_months_obey_a_trend_and_a_yearly_cycle_but_for_their_noise()
    {
        var rows = CatalogData.Files.Single(file => file.Name == "visitors.csv").Content.Split('\n')[1..^1].Select(row => row.Split(',')).ToArray();
        rows.Length.ShouldBe(180);
        (rows[0][0], rows[^1][0]).ShouldBe(("2010-01", "2024-12"));
        double[] rest = [.. rows.Select((row, month) => double.Parse(row[1], System.Globalization.CultureInfo.InvariantCulture) - (400 + 2 * month - 60 * Math.Cos(month * Math.PI / 6)))];
        // d' = 0.5·d + e: e is what is left, with a variance of 64, and 1/12 more from rounding.
        Enumerable.Range(1, 179).Average(month => Math.Pow(rest[month] - 0.5 * rest[month - 1], 2)).ShouldBe(64, 12);
    }

    [Fact]
    public void The_first_three_steps_of_a_gesture_tell_its_class()
    {
        var rows = CatalogData.Files.Single(file => file.Name == "gestures.csv").Content.Split('\n')[1..^1].Select(row => row.Split(',')).GroupBy(row => row[0], StringComparer.Ordinal).ToArray();
        rows.CountBy(gesture => gesture.First()[1]).OrderBy(part => part.Key, StringComparer.Ordinal).ShouldBe([new("test", 30), new("train", 90), new("validation", 30)]);
        foreach (var gesture in rows)
        {
            gesture.Count().ShouldBeInRange(16, 24);
            double Mean(int column, int skip, int take) => gesture.Skip(skip).Take(take).Average(row => double.Parse(row[column], System.Globalization.CultureInfo.InvariantCulture));
            var (x, y) = (Mean(2, 0, 3), Mean(3, 0, 3));
            gesture.First()[4].ShouldBe(x > Math.Abs(y) ? "side" : y > 0 ? "up" : "down", gesture.Key);
            Math.Abs(Mean(2, 3, 100)).ShouldBeLessThan(0.25);
        }
    }
}
