using System.Globalization;
using Harness.Orchestrator.Cli;
using Harness.Reports.Model;
using Harness.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Orchestrator;

/// <summary>Databases of older versions, interrupted upgrades, and folders that cannot be written.</summary>
public sealed class SchemaTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public async Task An_older_database_is_upgraded_and_a_copy_is_kept(int version)
    {
        Create(version);
        (await HarnessCli.Run(["list", "--data", folder.Path])).ShouldBe(5);
        (await HarnessCli.Run(["upgrade", "--data", folder.Path])).ShouldBe(0);
        (await HarnessCli.Run(["list", "--data", folder.Path])).ShouldBe(0);
        (await HarnessCli.Run(["verify", "--data", folder.Path])).ShouldBe(0);
        using var copy = Connect(folder.File(FormattableString.Invariant($"harness.db.before-{Schema.Current}.bak")));
        copy.Scalar<long>("PRAGMA user_version").ShouldBe(version);
    }

    [Fact]
    public void An_upgrade_is_repeated_after_a_kill_at_any_point()
    {
        Create(4);
        var copy = folder.File(FormattableString.Invariant($"harness.db.before-{Schema.Current}.bak"));
        File.WriteAllText(copy + ".part", "half a copy");
        File.WriteAllText(copy, "the copy of an earlier upgrade");
        ResultsDatabase.Open(folder.Path, TimeProvider.System).Dispose();

        File.ReadAllText(copy).ShouldBe("the copy of an earlier upgrade", "a complete copy is never replaced");
        using var second = Connect(copy + ".2");
        second.Scalar<long>("PRAGMA user_version").ShouldBe(4);
        File.Exists(copy + ".part").ShouldBeFalse();
    }

    [Fact]
    public void A_schema_that_is_not_what_its_number_says_is_refused_unchanged()
    {
        Create(2);
        using (var connection = Connect(folder.File("harness.db"))) connection.Execute("ALTER TABLE experiment ADD COLUMN report TEXT");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var refused = Should.Throw<StoreException>(() => ResultsDatabase.Open(folder.Path, TimeProvider.System));
            refused.Message.ShouldContain("its table 'experiment' differs");
        }

        using var left = Connect(folder.File("harness.db"));
        left.Scalar<long>("PRAGMA user_version").ShouldBe(2);
    }

    [Fact]
    public void A_table_of_ones_own_does_not_stop_an_upgrade()
    {
        Create(2);
        using (var connection = Connect(folder.File("harness.db"))) connection.Execute("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')");
        ResultsDatabase.Open(folder.Path, TimeProvider.System).Dispose();
        using var upgraded = Connect(folder.File("harness.db"));
        upgraded.Scalar<string>("SELECT text FROM notes").ShouldBe("mine");
    }

    [Fact]
    public void Deleted_rows_give_their_room_back_also_after_an_upgrade()
    {
        Create(8);
        ResultsDatabase.Open(folder.Path, TimeProvider.System).Dispose();
        using var upgraded = Connect(folder.File("harness.db"));
        upgraded.Scalar<long>("PRAGMA auto_vacuum").ShouldBe(2);
    }

    [Fact]
    public void An_empty_database_file_is_called_empty()
    {
        File.WriteAllBytes(folder.File("harness.db"), []);
        Should.Throw<StoreException>(() => ResultsDatabase.ConnectForReading(folder.Path)).Message.ShouldContain("is empty");
    }

    [Fact]
    public async Task A_database_that_is_deleted_while_in_use_ends_its_writer()
    {
        using var database = ResultsDatabase.Open(folder.Path, TimeProvider.System);
        await using var writer = new StoreWriter(database);
        (await writer.Enqueue(connection => connection.Scalar<long>("SELECT count(*) FROM trial"))).ShouldBe(0);
        File.Move(folder.File("harness.db"), folder.File("elsewhere.db"));

        var broken = await writer.Broken.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        broken.Message.ShouldContain("deleted or replaced");
        await Should.ThrowAsync<StoreException>(writer.Enqueue(_ => true));
    }

    [Fact]
    public async Task A_second_process_that_takes_the_folder_ends_the_first()
    {
        using var database = ResultsDatabase.Open(folder.Path, TimeProvider.System);
        await using var writer = new StoreWriter(database);
        File.Delete(folder.File("harness.db.lock"));
        using (ResultsDatabase.Open(folder.Path, new FakeTimeProvider()))
        {
            var broken = await writer.Broken.WaitAsync(TimeSpan.FromSeconds(40), TestContext.Current.CancellationToken);
            broken.Message.ShouldContain("was taken by process");
        }
    }

    [Fact]
    public void Looking_whether_a_database_is_held_takes_nothing()
    {
        var path = folder.File("harness.db");
        DatabaseLock.IsHeld(path).ShouldBeFalse();
        using (ResultsDatabase.Open(folder.Path, TimeProvider.System)) DatabaseLock.IsHeld(path).ShouldBeTrue();
        DatabaseLock.IsHeld(path).ShouldBeFalse();
        File.Delete(path + ".lock");
        DatabaseLock.IsHeld(path).ShouldBeFalse();
    }

    /// <summary>A database as an earlier version made it.</summary>
    private void Create(int version)
    {
        using var connection = Connect(folder.File("harness.db"));
        var scripts = Directory.GetFiles(Path.Combine(Repository.Root, "Orchestrator", "Harness.Store", "Migrations"), "*.sql").Order(StringComparer.Ordinal).Take(version);
        foreach (var script in scripts) connection.Execute(File.ReadAllText(script));
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version}; PRAGMA application_id = {Schema.ApplicationId}; PRAGMA journal_mode = WAL"));
    }

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }
}
