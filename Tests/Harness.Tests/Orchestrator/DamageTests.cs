using Harness.Abstractions.Results;
using Harness.Orchestrator.Cli;
using Harness.Reports.Model;
using Harness.Store;
using Harness.Store.Exports;
using Harness.Tests.Experiments;
using Microsoft.Data.Sqlite;

namespace Harness.Tests.Orchestrator;

/// <summary>Stored results that somebody or something changed behind the program's back.</summary>
public sealed class DamageTests
{
    [Fact]
    public async Task Sound_results_have_no_damage()
    {
        await using var stored = new StoredExperiments();
        var id = await stored.Add(SpecText.Small + "\nspeed: { measure: true }");
        Read(stored.Data, id).Damage.ShouldBeEmpty();
        (await HarnessCli.Run(["verify", "--data", stored.Data])).ShouldBe(0);
    }

    [Theory]
    [InlineData("UPDATE metric_chunk SET points = randomblob(length(points)) WHERE id = 1", DamagedPart.Curve)]
    [InlineData("UPDATE metric_chunk SET crc = crc + 1 WHERE id = 1", DamagedPart.Curve)]
    [InlineData("UPDATE trial SET final_loss = final_loss / 2 WHERE id = 1", DamagedPart.Trial)]
    [InlineData("UPDATE trial SET outcome = replace(outcome, '0.25', '0.15') WHERE id = 1", DamagedPart.Trial)]
    [InlineData("UPDATE trial SET state = 'pending' WHERE id = 1", DamagedPart.Trial)]
    [InlineData("UPDATE gradient_profile SET slope = -2 WHERE trial_id = 1", DamagedPart.Trial)]
    [InlineData("DELETE FROM gradient_profile WHERE trial_id = 1", DamagedPart.Trial)]
    [InlineData("UPDATE attempt SET device = 'cuda:0' WHERE trial_id = 1", DamagedPart.Trial)]
    [InlineData("DELETE FROM trial_seal WHERE trial_id = 1", DamagedPart.Trial)]
    [InlineData("UPDATE experiment SET question = 'Another one?'", DamagedPart.Experiment)]
    [InlineData("UPDATE condition SET parameters = 1 WHERE ordinal = 0", DamagedPart.Experiment)]
    [InlineData("DELETE FROM experiment_trial WHERE ordinal = 0", DamagedPart.Experiment)]
    [InlineData("UPDATE environment SET record = replace(record, '\"o\"', '\"x\"')", DamagedPart.Environment)]
    public async Task A_changed_row_is_named_in_the_results_and_by_verify(string change, DamagedPart part)
    {
        await using var stored = new StoredExperiments();
        var id = await stored.Add(SpecText.Small);
        Change(stored.Data, change);

        Read(stored.Data, id).Damage.ShouldContain(damage => damage.Part == part);
        (await HarnessCli.Run(["verify", "--data", stored.Data])).ShouldBe(1);
        (await HarnessCli.Run(["report", "small", "--data", stored.Data, "--out", stored.File("report.html")])).ShouldBe(0);
        (await File.ReadAllTextAsync(stored.File("report.html"), TestContext.Current.CancellationToken)).ShouldContain("Stored results are damaged");
    }

    [Fact]
    public async Task A_flipped_bit_never_changes_results_without_a_mark()
    {
        await using var stored = new StoredExperiments();
        var id = await stored.Add(SpecText.Small);
        Change(stored.Data, "PRAGMA wal_checkpoint(TRUNCATE)");
        var sound = await File.ReadAllBytesAsync(stored.File("harness.db"), TestContext.Current.CancellationToken);
        using var other = new TemporaryFolder();
        var clean = Exported(stored.Data, id, other.File("clean.json"));
        var (same, marked, refused) = (0, 0, 0);
        for (var flip = 0; flip < 250; flip++)
        {
            var bytes = sound.ToArray();
            // Spread over the whole file, and over the bits of a byte.
            var place = (int)((long)bytes.Length * flip / 250 + flip * 37 % 97) % bytes.Length;
            bytes[place] ^= (byte)(1 << flip % 8);
            await File.WriteAllBytesAsync(other.File("harness.db"), bytes, TestContext.Current.CancellationToken);
            try
            {
                var text = Exported(other.Path, id, other.File("out.json"));
                if (text == clean) same++;
                else if (text.Contains("\"damage\": []", StringComparison.Ordinal)) Assert.Fail($"the flip of byte {place} changed the results without a mark");
                else marked++;
            }
            catch (Exception error) when (error is StoreException || ResultsDatabase.IsDamage(error))
            {
                refused++;
            }
        }

        marked.ShouldBeGreaterThan(0, $"{same} unchanged, {refused} refused");
        refused.ShouldBeGreaterThan(0, $"{same} unchanged, {marked} marked");
    }

    [Fact]
    public async Task A_database_with_a_damaged_page_is_called_damaged_by_every_reader()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        Change(stored.Data, "PRAGMA wal_checkpoint(TRUNCATE)");
        using var other = new TemporaryFolder();
        var bytes = await File.ReadAllBytesAsync(stored.File("harness.db"), TestContext.Current.CancellationToken);
        for (var page = 1; page < bytes.Length / 4096; page++) bytes.AsSpan(page * 4096, 4096).Fill(0x55);
        await File.WriteAllBytesAsync(other.File("harness.db"), bytes, TestContext.Current.CancellationToken);
        foreach (var command in new string[][] { ["list"], ["show", "small"], ["report", "small"], ["export", "small", "--as", "json", "--out", other.File("out.json")] })
            (await HarnessCli.Run([.. command, "--data", other.Path])).ShouldBe(5, string.Join(' ', command));
        (await HarnessCli.Run(["verify", "--data", other.Path])).ShouldBeOneOf(1, 5);
    }

    private static ExperimentResults Read(string data, long id)
    {
        using var connection = ResultsDatabase.ConnectForReading(data);
        return new ResultsReader(connection).Read(id);
    }

    private static string Exported(string data, long id, string path)
    {
        JsonExport.Write(Read(data, id), path);
        return File.ReadAllText(path);
    }

    private static void Change(string data, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "harness.db")};Pooling=False");
        connection.Open();
        connection.Execute(sql);
    }
}
