using System.Globalization;

namespace Harness.Store;

/// <summary>One server per database: an exclusive lock that the system frees when the process ends, however it ends.</summary>
internal sealed class DatabaseLock : IDisposable
{
    private const int Tries = 4;
    private const string Unknown = "another process";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly ManualResetEventSlim pause = new();

    private readonly FileStream stream;
    private readonly string holderPath, holder;

    private DatabaseLock(FileStream stream, string holderPath, string holder) => (this.stream, this.holderPath, this.holder) = (stream, holderPath, holder);

    /// <summary>The process that took the database although this one holds it, which a removed lock file makes possible; null when there is none.</summary>
    public string? Usurper => File.Exists(holderPath) && Holder(holderPath) is { Length: > 0 } named && named != holder && named != Unknown ? named : null;

    /// <exception cref="StoreException">Another process holds the database; the message says which.</exception>
    public static DatabaseLock Take(string databasePath, TimeProvider time)
    {
        var lockPath = databasePath + ".lock";
        var holderPath = databasePath + ".holder";
        FileStream stream;
        try
        {
            stream = Open(lockPath);
        }
        catch (IOException error) when (IsHeldElsewhere(error))
        {
            throw new StoreException($"The database '{databasePath}' is in use by {Holder(holderPath)}. Wait for it, stop it, or choose another folder with --data.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"The data folder '{Path.GetDirectoryName(databasePath)}' cannot be written ({error.Message.TrimEnd('.')}). 'list', 'show', 'report --out', 'export' and 'compare' read it as it is; to train, choose another folder with --data.", error);
        }

        var holder = string.Create(CultureInfo.InvariantCulture,
            $"process {Environment.ProcessId} on {Environment.MachineName} since {time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z ({string.Join(' ', Environment.GetCommandLineArgs().Skip(1))})");
        Note(holderPath, holder);
        return new DatabaseLock(stream, holderPath, holder);
    }

    /// <summary>Whether some process holds the database just now.</summary>
    public static bool IsHeld(string databasePath)
    {
        try
        {
            // Shared, so that two who look do not see each other; who takes it meanwhile tries again.
            new FileStream(databasePath + ".lock", FileMode.Open, FileAccess.Read, FileShare.Read).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException error)
        {
            return IsHeldElsewhere(error);
        }
        catch (UnauthorizedAccessException)
        {
            // It cannot be told: nobody is called dead without evidence.
            return true;
        }
    }

    public void Dispose()
    {
        try
        {
            if (Usurper is null) File.Delete(holderPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next holder overwrites it.
        }

        stream.Dispose();
    }

    private static FileStream Open(string lockPath)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException error) when (tries < Tries && IsHeldElsewhere(error))
            {
                // Perhaps only by a reader that asks whether it is held.
                pause.Wait(Pause);
            }
        }
    }

    /// <summary>Whether a lock was refused; a read-only or full disk says something else.</summary>
    private static bool IsHeldElsewhere(IOException error) => OperatingSystem.IsWindows()
        ? (error.HResult & 0xFFFF) is 32 or 33 // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
        : error.HResult is 11 or 35; // EWOULDBLOCK on Linux and on macOS

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
            return Unknown;
        }
    }
}
