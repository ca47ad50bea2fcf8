namespace Harness.Tests;

/// <summary>Public test data that lies beside the checkout and is not part of it.</summary>
internal static class Corpora
{
    private const string Variable = "HARNESS_CORPORA";

    /// <summary>The path of a corpus. Without it the test is skipped saying so; in CI, where it must be, the test fails.</summary>
    public static string Require(string name)
    {
        var folder = Environment.GetEnvironmentVariable(Variable) ?? Path.Combine(Repository.Root, "..", "shared", "corpora");
        var path = Path.GetFullPath(Path.Combine(folder, name));
        if (File.Exists(path)) return path;

        var message = $"The corpus {name} is NOT THERE, so this test shows nothing. It is looked for at {path}; {Variable} names another folder.";
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase)) Assert.Fail(message);
        Console.Error.WriteLine(message);
        Assert.Skip(message);
        return path;
    }
}
