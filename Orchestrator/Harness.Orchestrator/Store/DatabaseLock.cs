using System.Globalization;

namespace Harness.Orchestrator.Store;

/// <summary>One orchestrator per database: an exclusive lock that the system frees when the process ends, however it ends.</summary>
internal sealed class DatabaseLock : IDisposable
{
    private readonly FileStream stream;
    private readonly string holderPath;

    private DatabaseLock(FileStream stream, string holderPath) => (this.stream, this.holderPath) = (stream, holderPath);

    /// <exception cref="StoreException">Another process holds the database; the message says which.</exception>
    public static DatabaseLock Take(string databasePath, TimeProvider time)
    {
        var lockPath = databasePath + ".lock";
        var holderPath = databasePath + ".holder";
        FileStream stream;
        try
        {
            stream = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StoreException($"The data folder of '{databasePath}' cannot be written: {error.Message} Choose another with --data.", error);
        }
        catch (IOException error)
        {
            throw new StoreException($"The database '{databasePath}' is in use by {Holder(holderPath)}. Wait for it, stop it, or choose another folder with --data.", error);
        }

        Note(holderPath, string.Create(CultureInfo.InvariantCulture,
            $"process {Environment.ProcessId} on {Environment.MachineName} since {time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z ({string.Join(' ', Environment.GetCommandLineArgs().Skip(1))})"));
        return new DatabaseLock(stream, holderPath);
    }

    public void Dispose()
    {
        try
        {
            File.Delete(holderPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next holder overwrites it.
        }

        stream.Dispose();
    }

    private static void Note(string holderPath, string holder)
    {
        try
        {
            File.WriteAllText(holderPath, holder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The lock holds without it; a full disk is reported by what needs the room.
        }
    }

    private static string Holder(string holderPath)
    {
        try
        {
            return File.ReadAllText(holderPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }
}
