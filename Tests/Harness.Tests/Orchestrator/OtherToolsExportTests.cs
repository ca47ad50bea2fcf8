using System.Buffers.Binary;
using Harness.Abstractions.Results;
using Harness.Orchestrator.Cli;
using Harness.Reports.Summaries;
using Harness.Store;
using Harness.Store.Exports;
using Harness.Store.Exports.TensorBoard;
using Harness.Tests.Experiments;
using Parquet;

namespace Harness.Tests.Orchestrator;

/// <summary>Exports that other programs read: Parquet, TensorBoard.</summary>
public sealed class OtherToolsExportTests
{
    [Fact]
    public async Task Parquet_has_the_trials_and_beside_them_points_and_gradients()
    {
        await using var stored = new StoredExperiments();
        var id = await stored.Add(SpecText.Small + "\nspeed: { measure: true }");
        (await HarnessCli.Run(["export", "small", "--as", "parquet", "--data", stored.Data, "--out", stored.File("out.parquet")])).ShouldBe(0);
        (await HarnessCli.Run(["export", "small", "--as", "csv", "--data", stored.Data, "--out", stored.File("out.csv")])).ShouldBe(0);

        var csv = (await File.ReadAllLinesAsync(stored.File("out.csv"), TestContext.Current.CancellationToken)).Select(line => line.Split(',')).ToArray();
        var trials = await Table.Read(stored.File("out.parquet"));
        trials.Rows.ShouldBe(6);
        foreach (var column in new[] { "trial", "condition", "factor.cell", "state" }) (await trials.Words(column)).ShouldBe(csv.Skip(1).Select(row => row[Array.IndexOf(csv[0], column)]));
        (await trials.Numbers<long>("seed")).ShouldBe([1, 2, 1, 2, 1, 2]);
        (await trials.Numbers<double>("final_loss")).ShouldBe(csv.Skip(1).Select(row => (double?)double.Parse(row[Array.IndexOf(csv[0], "final_loss")], System.Globalization.CultureInfo.InvariantCulture)));
        (await trials.Numbers<double>("diverged_at_step")).ShouldAllBe(step => step == null);
        (await trials.Numbers<bool>("solved")).ShouldAllBe(solved => solved == true);

        var points = await Table.Read(stored.File("out.metrics.parquet"));
        points.Rows.ShouldBe(6 * 3);
        (await points.Words("metric")).Distinct(StringComparer.Ordinal).ShouldBe(["eval.loss"]);
        (await points.Numbers<float>("value")).Take(3).ShouldBe([1.5f, float.NaN, 0.25f]);
        (await Table.Read(stored.File("out.gradients.parquet"))).Rows.ShouldBe(6 * 3);
        var timing = await Table.Read(stored.File("out.timing.parquet"));
        timing.Rows.ShouldBe(9 * 40);
        (await timing.Numbers<int>("round")).Take(3).ShouldBe([1, 2, 3]);

        await using var connection = ResultsDatabase.ConnectForReading(stored.Data);
        var summary = SummaryBuilder.Of(new ResultsReader(connection).Read(id));
        var verdicts = await Table.Read(stored.File("out.verdicts.parquet"));
        verdicts.Rows.ShouldBe(summary.Claims.Sum(claim => Math.Max(1, claim.Settings.Count)));
        (await verdicts.Words("claim")).Distinct(StringComparer.Ordinal).ShouldBe(summary.Claims.Select(claim => claim.Id));
        (await verdicts.Words("verdict")).ShouldBe(summary.Claims.SelectMany(claim => Enumerable.Repeat(claim.Verdict, Math.Max(1, claim.Settings.Count))));
        (await verdicts.Numbers<double>("effect")).ShouldBe(summary.Claims.SelectMany(claim => claim.Settings.Count == 0 ? [null] : claim.Settings.Select(setting => setting.Effect)));
        (await File.ReadAllLinesAsync(stored.File("out.verdicts.csv"), TestContext.Current.CancellationToken)).Length.ShouldBe(1 + verdicts.Rows);
    }

    /// <summary>Written piece by piece while it trains, a file ends as the export writes it.</summary>
    [Fact]
    public async Task TensorBoard_can_be_written_while_trials_run()
    {
        await using var stored = new StoredExperiments();
        var id = await stored.Add(SpecText.Small);
        await using var connection = ResultsDatabase.ConnectForReading(stored.Data);
        var results = new ResultsReader(connection).Read(id);
        ExperimentResults After(int points) => results with
        {
            Conditions = [.. results.Conditions.Select(condition => condition with
            {
                Trials = [.. condition.Trials.Select(trial => trial with
                {
                    State = TrialState.Running, Outcome = null,
                    Metrics = trial.Metrics.ToDictionary(metric => metric.Key, metric => new MetricSeries([.. metric.Value.Steps.Take(points)], [.. metric.Value.Values.Take(points)]), StringComparer.Ordinal),
                })],
            })],
        };

        var live = new TensorBoardFolder(stored.File("live"));
        foreach (var part in new[] { After(1), After(1), After(2), results, results }) live.Update(part);
        TensorBoardExport.Write(results, stored.File("whole"));
        var files = Directory.GetFiles(stored.File("live"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        files.Length.ShouldBe(6);
        foreach (var file in files) Told(file).ShouldBe(Told(file.Replace(stored.File("live"), stored.File("whole"), StringComparison.Ordinal)));

        // A new program on the same folder begins the files anew.
        new TensorBoardFolder(stored.File("live")).Update(results);
        Told(files[0]).ShouldBe(Told(files[0].Replace(stored.File("live"), stored.File("whole"), StringComparison.Ordinal)));

        // All but times: a running trial's time per step is not known yet.
        static string[] Told(string file) => [.. Records(File.ReadAllBytes(file)).ConvertAll(Event.Parser.ParseFrom).Select(each => $"{each.Step} {each.FileVersion} {each.Summary}")];
    }

    [Fact]
    public async Task TensorBoard_gets_a_run_for_each_trial_with_curves_and_hyperparameters()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        (await HarnessCli.Run(["export", "small", "--as", "tensorboard", "--data", stored.Data, "--out", stored.File("board")])).ShouldBe(0);
        var files = Directory.GetFiles(stored.File("board"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        files.Select(file => Path.GetRelativePath(stored.File("board"), Path.GetDirectoryName(file)!)).ShouldBe(
            ["0-rnn/seed-1", "0-rnn/seed-2", "1-lstm/seed-1", "1-lstm/seed-2", "2-gru/seed-1", "2-gru/seed-2"]);
        files.ShouldAllBe(file => Path.GetFileName(file).StartsWith("events.out.tfevents.", StringComparison.Ordinal));

        var events = Records(await File.ReadAllBytesAsync(files[3], TestContext.Current.CancellationToken)).ConvertAll(Event.Parser.ParseFrom);
        events[0].FileVersion.ShouldBe("brain.Event:2");
        var scalars = events.Where(each => each.Summary?.Value.All(value => value.HasSimpleValue) == true).SelectMany(each => each.Summary.Value.Select(value => (each.Step, value.Tag, value.SimpleValue))).ToArray();
        scalars.ShouldBe([(0, "eval.loss", 1.5f), (50, "eval.loss", float.NaN), (100, "eval.loss", 0.25f)]);
        events.Select(each => each.WallTime).ShouldBe(events.Select(each => each.WallTime).Order());
        var plugin = events.Where(each => each.Summary?.Value[0].Metadata is not null).Select(each => each.Summary.Value[0]).ToArray();
        plugin.Select(value => value.Tag).ShouldBe(["_hparams_/session_start_info", "_hparams_/session_end_info"]);
        plugin.ShouldAllBe(value => value.Metadata.PluginData.PluginName == "hparams");
        var session = HParamsPluginData.Parser.ParseFrom(plugin[0].Metadata.PluginData.Content).SessionStartInfo;
        (session.Hparams["cell"].StringValue, session.Hparams["seed"].NumberValue, session.GroupName).ShouldBe(("lstm", 2, "lstm"));
        HParamsPluginData.Parser.ParseFrom(plugin[1].Metadata.PluginData.Content).SessionEndInfo.Status.ShouldBe(Status.Success);

        // Written again it is replaced; a folder with other files is left alone.
        (await HarnessCli.Run(["export", "small", "--as", "tensorboard", "--data", stored.Data, "--out", stored.File("board")])).ShouldBe(0);
        Directory.GetFiles(stored.File("board"), "*", SearchOption.AllDirectories).Length.ShouldBe(6);
        (await HarnessCli.Run(["export", "small", "--as", "tensorboard", "--data", stored.Data, "--out", stored.Data])).ShouldBe(5);
        (await HarnessCli.Run(["export", "small", "--as", "tensorboard", "--data", stored.Data, "--out", "-"])).ShouldBe(2);
    }

    /// <summary>RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRC algorithms.</summary>
    [Fact]
    public void Checksums_are_those_of_the_published_vectors()
    {
        RecordFile.Checksum(new byte[32]).ShouldBe(0x8A9136AAu);
        RecordFile.Checksum([.. Enumerable.Repeat((byte)0xFF, 32)]).ShouldBe(0x62A8AB43u);
        RecordFile.Checksum([.. Enumerable.Range(0, 32).Select(value => (byte)value)]).ShouldBe(0x46DD794Eu);
        RecordFile.Checksum([.. Enumerable.Range(0, 32).Select(value => (byte)(31 - value))]).ShouldBe(0x113FDB5Cu);
        RecordFile.Checksum("123456789"u8).ShouldBe(0xE3069283u);
    }

    /// <summary>Reads TFRecords by the published format, with a checksum of its own, bit by bit.</summary>
    private static List<byte[]> Records(byte[] file)
    {
        var records = new List<byte[]>();
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)).ShouldBe(Masked(file.AsSpan(at, 8)));
            records.Add(file[(at + 12)..(at + 12 + length)]);
            BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)).ShouldBe(Masked(records[^1]));
            at += 16 + length;
        }

        return records;

        static uint Masked(ReadOnlySpan<byte> bytes)
        {
            var crc = uint.MaxValue;
            foreach (var value in bytes)
            {
                crc ^= value;
                for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
            }

            crc = ~crc;
            return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8);
        }
    }

    private sealed record Table(string Path, int Rows)
    {
        public static async Task<Table> Read(string path)
        {
            await using var reader = await ParquetReader.CreateAsync(path, cancellationToken: TestContext.Current.CancellationToken);
            reader.RowGroupCount.ShouldBe(1);
            using var group = reader.OpenRowGroupReader(0);
            return new(path, (int)group.RowCount);
        }

        public async Task<string?[]> Words(string column)
        {
            await using var reader = await ParquetReader.CreateAsync(Path, cancellationToken: TestContext.Current.CancellationToken);
            using var group = reader.OpenRowGroupReader(0);
            var values = new string?[group.RowCount];
            await group.ReadAsync(reader.Schema.DataFields.Single(each => each.Name == column), values.AsMemory()!, null, TestContext.Current.CancellationToken);
            return values;
        }

        public async Task<T?[]> Numbers<T>(string column)
            where T : struct
        {
            await using var reader = await ParquetReader.CreateAsync(Path, cancellationToken: TestContext.Current.CancellationToken);
            using var group = reader.OpenRowGroupReader(0);
            var field = reader.Schema.DataFields.Single(each => each.Name == column);
            if (field.IsNullable)
            {
                var values = new T?[group.RowCount];
                await group.ReadAsync<T>(field, values.AsMemory(), null, TestContext.Current.CancellationToken);
                return values;
            }

            var all = new T[group.RowCount];
            await group.ReadAsync<T>(field, all.AsMemory(), null, TestContext.Current.CancellationToken);
            return [.. all.Select(value => (T?)value)];
        }
    }
}
