using System.Text;
using Harness.Reports.Model;
using Harness.Store;
using Microsoft.Data.Sqlite;

namespace Harness.Tests.Api;

/// <summary>Pages and lists of a large experiment stay small.</summary>
public sealed class LargeExperimentTests
{
    private const int Conditions = 200, Seeds = 40;

    [Fact]
    public async Task Eight_thousand_trials_are_shown_a_page_at_a_time()
    {
        await using var server = await RunningServer.Start();
        await server.Submit();
        Multiply(server.Harness.Database.Path);
        foreach (var path in new[] { "/", "/experiments", "/experiments/1", "/experiments/1?from=100", "/experiments/1/trials", "/experiments/1?view=tiles", "/experiments/1?view=map&value=done", "/experiments/1/trials?state=pending&page=27", "/experiments/1/trials?q=hidden&sort=seed&order=desc", "/events", "/api/experiments/1", "/api/experiments/1/trials?limit=500" })
        {
            var page = await server.Operator.GetStringAsync(path, TestContext.Current.CancellationToken);
            Encoding.UTF8.GetByteCount(page).ShouldBeLessThan(200_000, path);
            page.ShouldNotContain("bug in the program");
        }

        // Every trial is reached.
        var (seen, after) = (0, -1);
        while (true)
        {
            var page = await server.Get($"api/experiments/1/trials?limit=1000&after={after}");
            seen += page.GetProperty("trials").GetArrayLength();
            if (page.GetProperty("cursor").ValueKind == System.Text.Json.JsonValueKind.Null) break;
            after = page.GetProperty("cursor").GetInt32();
        }

        seen.ShouldBe(Conditions * Seeds);
    }

    /// <summary>Makes the experiment large behind the program's back: copies of its first condition and trial.</summary>
    private static void Multiply(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        connection.Execute(
            """
            BEGIN;
            DELETE FROM experiment_trial;
            DELETE FROM condition WHERE ordinal > 0;
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $conditions - 1)
            INSERT INTO condition SELECT experiment_id, i, label || ' hidden ' || i, factors, spec, parameters, parameters_total FROM condition, n WHERE ordinal = 0;
            WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $trials - 1)
            INSERT INTO trial (hash, spec, cell, kernel, task, length, hidden, layers, seed, state)
            SELECT printf('%064x', i), spec, cell, kernel, task, length, hidden, layers, i % $seeds, 'pending' FROM trial, n WHERE id = 1;
            INSERT INTO experiment_trial (experiment_id, ordinal, condition, trial_id) SELECT 1, id - 5, (id - 5) / $seeds, id FROM trial WHERE hash GLOB '0000*';
            COMMIT;
            """,
            ("$conditions", Conditions), ("$seeds", Seeds), ("$trials", Conditions * Seeds));
    }
}
