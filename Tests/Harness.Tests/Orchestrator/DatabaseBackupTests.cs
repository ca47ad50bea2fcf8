using Harness.Reports.Model;
using Harness.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Orchestrator;

public sealed class DatabaseBackupTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider time = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_copy_is_taken_in_use_and_put_back_beside_what_it_replaces()
    {
        string copy;
        using (var database = ResultsDatabase.Open(folder.Path, time))
        {
            using var writing = database.Connect(SqliteOpenMode.ReadWrite);
            writing.Execute("INSERT INTO metric (name) VALUES ('kept')");
            copy = DatabaseBackup.Write(folder.Path, null, time);
            writing.Execute("INSERT INTO metric (name) VALUES ('later')");
            Should.Throw<StoreException>(() => DatabaseBackup.Write(folder.Path, copy, time)).Message.ShouldContain("exists already");
            Should.Throw<StoreException>(() => DatabaseBackup.Restore(copy, folder.Path, time)).Message.ShouldContain("in use");
        }

        var replaced = DatabaseBackup.Restore(copy, folder.Path, time)!;
        Names(Path.Combine(folder.Path, "harness.db")).ShouldBe(["kept"]);
        Names(replaced).ShouldBe(["kept", "later"]);
        ResultsDatabase.Open(folder.Path, time).Dispose();
    }

    [Fact]
    public void A_damaged_copy_is_refused_and_nothing_is_changed()
    {
        ResultsDatabase.Open(folder.Path, time).Dispose();
        var copy = DatabaseBackup.Write(folder.Path, folder.File("copy.db"), time);
        var bytes = File.ReadAllBytes(copy);
        bytes.AsSpan(bytes.Length / 8192 * 4096, 2048).Fill(0xA5);
        File.WriteAllBytes(copy, bytes);

        Should.Throw<StoreException>(() => DatabaseBackup.Restore(copy, folder.Path, time));
        File.WriteAllText(folder.File("text.db"), new string('x', 5000));
        Should.Throw<StoreException>(() => DatabaseBackup.Restore(folder.File("text.db"), folder.Path, time));
        ResultsDatabase.Open(folder.Path, time).Dispose();
    }

    private static List<string> Names(string path)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection.Query("SELECT name FROM metric ORDER BY id", row => row.GetString(0));
    }
}
