#!/usr/bin/env dotnet
#:package Microsoft.Data.Sqlite
#:property RestorePackagesWithLockFile=false
// Medians by condition, and how far gradients reach, from an experiment's database:
//   dotnet run docs/examples/query.cs -- harness-data/harness.db
// Outside the repository, name the version of the package too: #:package Microsoft.Data.Sqlite@10.0.15
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not [var database] || !File.Exists(database))
{
    Console.Error.WriteLine("Name a database: dotnet run query.cs -- harness-data/harness.db");
    return 2;
}

using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly");
connection.Open();

// Trials with a stage served a decision; verdicts do not count them.
var trials = Read("SELECT experiment, condition, final_loss, solved FROM trial_result WHERE stage IS NULL",
    row => (Experiment: row.GetString(0), Condition: row.GetString(1), Loss: row.IsDBNull(2) ? double.PositiveInfinity : row.GetDouble(2), Solved: row.GetInt64(3) == 1));
Console.WriteLine($"{"experiment",-20} {"condition",-24} {"seeds",5} {"solved",6} {"median loss",11}");
foreach (var group in trials.GroupBy(trial => (trial.Experiment, trial.Condition)))
    Console.WriteLine($"{group.Key.Experiment,-20} {group.Key.Condition,-24} {group.Count(),5} {group.Count(trial => trial.Solved),6} {Median(group.Select(trial => trial.Loss)),11:G3}");

// A profile holds the gradient's norm at every lag, as little-endian float64.
var profiles = Read(
    """
    SELECT c.label, g.norms FROM gradient_profile g JOIN experiment_trial et ON et.trial_id = g.trial_id AND et.stage IS NULL
    JOIN condition c ON c.experiment_id = et.experiment_id AND c.ordinal = et.condition WHERE g.moment = 'end' AND g.backwards = 0 AND g.layer = 0
    """,
    row => (Condition: row.GetString(0), Norms: MemoryMarshal.Cast<byte, double>((byte[])row.GetValue(1)).ToArray()));
Console.WriteLine($"\n{"condition",-24} {"last lag",8} {"norm there, relative to lag 0",30}");
foreach (var group in profiles.GroupBy(profile => profile.Condition, StringComparer.Ordinal))
    Console.WriteLine($"{group.Key,-24} {group.Max(profile => profile.Norms.Length) - 1,8} {Median(group.Select(profile => profile.Norms[^1] / profile.Norms[0])),30:G3}");
return 0;

List<T> Read<T>(string sql, Func<SqliteDataReader, T> read)
{
    using var command = connection.CreateCommand();
    command.CommandText = sql;
    using var reader = command.ExecuteReader();
    var rows = new List<T>();
    while (reader.Read()) rows.Add(read(reader));
    return rows;
}

static double Median(IEnumerable<double> values)
{
    double[] ordered = [.. values.Order()];
    return ordered.Length % 2 == 1 ? ordered[ordered.Length / 2] : (ordered[ordered.Length / 2 - 1] + ordered[ordered.Length / 2]) / 2;
}
