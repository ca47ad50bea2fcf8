namespace Harness.Tests;

/// <summary>Public data files as their publishers have them; they lie beside the checkout and are not part of it.</summary>
internal static class RealData
{
    private const string Variable = "HARNESS_DATA_FILES";

    /// <summary>The folder. Without it the test is skipped and says so.</summary>
    public static string Require()
    {
        var folder = Path.GetFullPath(Environment.GetEnvironmentVariable(Variable) ?? Path.Combine(Repository.Root, "..", "shared", "data"));
        if (Directory.Exists(folder)) return folder;

        var message = $"The folder of real data files is NOT THERE, so this test shows nothing. It is looked for at {folder}; {Variable} names another.";
        Console.Error.WriteLine(message);
        Assert.Skip(message);
        return folder;
    }
}
