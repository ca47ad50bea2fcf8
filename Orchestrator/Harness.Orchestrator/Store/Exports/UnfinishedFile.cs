namespace Harness.Orchestrator.Store.Exports;

/// <summary>Files get their name when they are whole, so that a reader never sees half of one.</summary>
internal static class UnfinishedFile
{
    /// <param name="write">Gets the name to write under.</param>
    public static void Write(string path, Action<string> write)
    {
        var unfinished = path + ".part";
        File.Delete(unfinished);
        try
        {
            write(unfinished);
            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
