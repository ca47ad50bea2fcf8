using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Harness.Tests.EndToEnd;

/// <summary>An experiment that trains in seconds, in a folder of its own, and what it left in its database.</summary>
internal sealed class TinyExperiment : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <remarks>On the library's loop, which leaves time to disturb it.</remarks>
    public TinyExperiment(int steps = 40, int seeds = 2, string cells = "rnn, lstm, gru")
    {
        File = folder.File("tiny.yaml");
        System.IO.File.WriteAllText(File, string.Create(CultureInfo.InvariantCulture,
            $$"""
            version: 1
            name: tiny
            question: Does the whole chain hold together?
            task: { kind: temporal-order, length: 12 }
            model: { hidden: 8, kernel: library }
            matrix: { cell: [{{cells}}] }
            seeds: { count: {{seeds}}, base: 1 }
            train: { steps: {{steps}}, batch: 8, optimizer: { kind: adam, lr: 1e-3 }, clip_norm: 1.0 }
            evaluation: { every: 20, sequences: 50 }
            probe: { gradients: [init, end], sequences: 8 }
            """));
    }

    public string File { get; }

    public string Report => folder.File("report.html");

    public string Data(string name = "data") => folder.File(name);

    public Task<(int ExitCode, string Output, string Errors)> Run(string data = "data", params string[] more) =>
        HarnessProcess.Run(["run", File, "--data", Data(data), "--out", Report, .. more]);

    /// <summary>Waits until the database answers the question with something above zero.</summary>
    public async Task Until(string sql, string data = "data", string file = "harness.db")
    {
        while (true)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            if (System.IO.File.Exists(Path.Combine(Data(data), file)) && TryCount(sql, data, file) > 0) return;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public long Count(string sql, string data = "data", string file = "harness.db") => Rows(sql, data, file).Select(row => long.Parse(row, CultureInfo.InvariantCulture)).Single();

    /// <summary>One text per row, columns joined by a bar, blobs in hexadecimal.</summary>
    public IReadOnlyList<string> Rows(string sql, string data = "data", string file = "harness.db")
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Data(data), file)};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the statements are written in the tests
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i =>
                reader.GetValue(i) is byte[] blob ? Convert.ToHexString(blob) : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        }

        return rows;
    }

    /// <summary>Changes the database behind the program's back.</summary>
    public void Execute(string sql, string data = "data")
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Data(data), "harness.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the statements are written in the tests
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public void Dispose() => folder.Dispose();

    private long TryCount(string sql, string data, string file)
    {
        try
        {
            return Count(sql, data, file);
        }
        catch (SqliteException)
        {
            // The tables are not there yet.
            return 0;
        }
    }
}
