namespace Harness.Tests;

/// <summary>Public test data that lies beside the checkout and is not part of it.</summary>
internal static class Corpora
{
    private const string Variable = "HARNESS_CORPORA";

    /// <summary>The path of a corpus. Without the folder the test is skipped and says so; where the folder is, it has to be complete.</summary>
    public static string Require(string name)
    {
        var folder = Environment.GetEnvironmentVariable(Variable) ?? Path.Combine(Repository.Root, "..", "shared", "corpora");
        var path = Path.GetFullPath(Path.Combine(folder, name));
        if (File.Exists(path)) return path;

        var message = $"The corpus {name} is NOT THERE, so this test shows nothing. It is looked for at {path}; {Variable} names another folder.";
        if (Directory.Exists(folder)) Assert.Fail(message);
        Console.Error.WriteLine(message);
        Assert.Skip(message);
        return path;
    }
}
