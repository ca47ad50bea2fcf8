#!/usr/bin/env dotnet
#:package DuckDB.NET.Data.Full
#:property RestorePackagesWithLockFile=false
// Medians and curves by condition from an experiment's Parquet files, with DuckDB:
//   harness export quickstart --as parquet
//   dotnet run docs/examples/parquet.cs -- quickstart.parquet
// Outside the repository, name the version of the package too: #:package DuckDB.NET.Data.Full@1.5.6.1
using DuckDB.NET.Data;

if (args is not [var file] || !File.Exists(file))
{
    Console.Error.WriteLine("Name an export: dotnet run parquet.cs -- quickstart.parquet");
    return 2;
}

using var connection = new DuckDBConnection("DataSource=:memory:");
connection.Open();
Print("SELECT condition, count(*) AS seeds, count_if(solved) AS solved, median(final_loss) AS median_loss FROM {0} GROUP BY ALL ORDER BY ALL", file);
Print(
    """
    SELECT t.condition, m.step, median(m.value) AS median_loss
    FROM {0} t JOIN {1} m USING (trial) WHERE m.metric = 'eval.loss' GROUP BY ALL ORDER BY ALL
    """,
    file, Path.ChangeExtension(file, ".metrics.parquet"));
Print("SELECT claim, verdict, effect, low, high FROM {0} ORDER BY ALL", Path.ChangeExtension(file, ".verdicts.parquet"));
return 0;

void Print(string sql, params string[] files)
{
    using var command = connection.CreateCommand();
    command.CommandText = string.Format(null, sql, [.. files.Select(name => $"'{name.Replace("'", "''")}'")]);
    using var reader = command.ExecuteReader();
    Console.WriteLine(string.Join("  ", Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)));
    while (reader.Read()) Console.WriteLine(string.Join("  ", Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? "-" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{reader.GetValue(column)}"))));
    Console.WriteLine();
}
