namespace Harness.Tests.Reports;

/// <summary>Compares text with a file that somebody has looked at. HARNESS_UPDATE_GOLDEN=1 rewrites the files; the diff is then read before it is committed.</summary>
internal static class GoldenFile
{
    public static void Match(string name, string actual)
    {
        var path = Path.Combine(Repository.Root, "Tests", "Harness.Tests", "Reports", "Golden", name);
        if (Environment.GetEnvironmentVariable("HARNESS_UPDATE_GOLDEN") == "1") File.WriteAllText(path, actual);
        File.Exists(path).ShouldBeTrue($"{path} does not exist; run once with HARNESS_UPDATE_GOLDEN=1 and look at what it wrote.");
        actual.ShouldBe(File.ReadAllText(path), $"{name} changed; if that is meant, run with HARNESS_UPDATE_GOLDEN=1 and read the diff.");
    }
}
