using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Store;
using Harness.Store.Views;
using Microsoft.Data.Sqlite;

namespace Harness.Tests.Api;

/// <summary>A picture of a long curve is drawn from its pages, and is the one that every single point would give.</summary>
public sealed class CurveReaderTests : IAsyncLifetime
{
    private const int Stride = 10, PointsPerChunk = 40;

    private RunningServer server = null!;
    private Lease lease = null!;

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.Start();
        await server.Submit();
        lease = (await server.Acquire()).ShouldHaveSingleItem();
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [SlowTheory(Category.Search)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_asked_for_the_answer_is_that_of_every_single_point(int seed)
    {
        var random = new Random(seed);
        var points = await Record(random, 800);
        using var connection = server.Harness.Database.Connect();
        connection.Scalar<long>("SELECT count(*) FROM metric_page WHERE trial_id = 1").ShouldBeGreaterThan(2);
        var last = points.Keys[^1];
        for (var i = 0; i < 300; i++)
        {
            var (a, b) = (random.Next(-5, last + 50), random.Next(3) == 0 ? int.MaxValue : random.Next(0, last + 50));
            var (from, to) = (Math.Min(a, b), Math.Max(a, b));
            var wanted = (int)Math.Pow(10, random.NextDouble() * 4);
            var view = CurveReader.Read(connection, 1, "train.loss", from, to, wanted);
            var expected = Naive([.. points.Where(point => point.Key >= from && point.Key <= to)], wanted);
            if (expected.Length == 0)
            {
                view.ShouldBeNull();
                continue;
            }

            view.ShouldNotBeNull();
            view.Steps.ShouldBe(expected.Select(bucket => bucket.Step));
            view.Last.ShouldBe(expected.Select(bucket => bucket.Last));
            (view.Minimum ?? view.Last).ShouldBe(expected.Select(bucket => bucket.Minimum));
            (view.Maximum ?? view.Last).ShouldBe(expected.Select(bucket => bucket.Maximum));
        }

        CurveReader.Ranges(connection, 1).ShouldBe([new MetricRange("train.loss", points.Keys[0], last, points.Count)]);
    }

    [Fact]
    public async Task A_chunk_that_is_recorded_anew_changes_its_page()
    {
        var points = await Record(new Random(4), 400);
        var first = Stride * PointsPerChunk * 3;
        await server.Harness.Scheduler.Report(new AttemptReport(lease.Attempt, [new MetricBatch("train.loss", first, Stride, [.. Enumerable.Repeat(-7e9f, PointsPerChunk)])], [], 1, 0.5, "cpu"));
        using var connection = server.Harness.Database.Connect();
        var whole = CurveReader.Read(connection, 1, "train.loss", 0, int.MaxValue, 1).ShouldNotBeNull();
        whole.Points.ShouldBe(points.Count);
        whole.Minimum.ShouldBe([-7e9f]);
        var page = connection.Scalar<byte[]>("SELECT chunks FROM metric_page WHERE trial_id = 1 AND page = 0").ShouldNotBeNull();
        Enumerable.Range(0, ChunkSummary.CountOf(page)).Select(index => ChunkSummary.Decode(page, index)).ShouldContain(chunk => chunk.FirstStep == first && chunk.Maximum == -7e9f);
    }

    [Fact]
    public async Task A_changed_page_is_found_by_the_check_of_the_folder()
    {
        await Record(new Random(5), 400);
        Overviews().ShouldBeEmpty();
        using var connection = new SqliteConnection($"Data Source={server.Harness.Database.Path};Pooling=False");
        connection.Open();
        connection.Execute("UPDATE metric_page SET chunks = CAST(substr(chunks, 1, 12) || zeroblob(4) || substr(chunks, 17) AS BLOB) WHERE trial_id = 1 AND page = 0");
        Overviews().ShouldBe(["trial 1: the overview of the curve train.loss, page 0"]);

        IEnumerable<string> Overviews() => DataFolderCheck.Of(server.Harness.Folder).Single(part => part.Name == "curves").Damaged;
    }

    [Fact]
    public async Task The_largest_answer_stays_below_64_kilobytes()
    {
        // The widest numbers that there are, with the widest steps of a curve of a hundred million.
        for (var chunk = 0; chunk < 40; chunk++)
            await server.Harness.Scheduler.Report(new AttemptReport(lease.Attempt, [new MetricBatch("train.loss", 90_000_000 + chunk * 256, 1, [.. Enumerable.Repeat(-1.1754944E-38f, 256)])], [], 1, 0.5, "cpu"));
        var answer = await server.Operator.GetByteArrayAsync("api/trials/1/metrics/train.loss?points=1000000", TestContext.Current.CancellationToken);
        answer.Length.ShouldBeInRange(32 << 10, 64 << 10);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(29)]
    [InlineData(31)]
    [InlineData(800)]
    public async Task A_picture_of_a_curve_has_its_ends_and_its_extremes_and_few_points(int chunks)
    {
        var points = await Record(new Random(chunks), chunks);
        using var connection = server.Harness.Database.Connect();
        var drawn = CurveReader.Drawn(connection, 1, CurveReader.Ranges(connection, 1).ShouldHaveSingleItem());
        if (points.Count <= CurveReader.MostPoints)
        {
            drawn.Steps.ShouldBe(points.Keys);
            drawn.Values.ShouldBe(points.Values);
            return;
        }

        drawn.Steps.Length.ShouldBe(drawn.Values.Length);
        drawn.Steps.Length.ShouldBeLessThanOrEqualTo(3 * CurveReader.MostPoints + 1);
        drawn.Steps.Zip(drawn.Steps.Skip(1)).ShouldAllBe(pair => pair.First < pair.Second);
        (drawn.Steps[0], drawn.Values[0], drawn.Steps[^1], drawn.Values[^1]).ShouldBe((points.Keys[0], points.Values[0], points.Keys[^1], points.Values[^1]));
        var numbers = points.Values.Where(value => !float.IsNaN(value)).ToArray();
        drawn.Values.ShouldContain(numbers.Min());
        drawn.Values.ShouldContain(numbers.Max());
        drawn.Values.ShouldAllBe(value => float.IsNaN(value) || points.Values.Contains(value));
    }

    [Fact]
    public async Task A_trials_page_draws_a_long_curve_with_its_one_spike()
    {
        // So long that pages stand for its chunks.
        const int length = 720_896, perReport = 64;
        for (var step = 0; step < length; step += perReport * 256)
        {
            var batches = Enumerable.Range(0, perReport).Select(frame => new MetricBatch("train.loss", step + frame * 256 + 1, 1, [.. Enumerable.Repeat(0.5f, 256)])).ToArray();
            if (step == 20 * perReport * 256) batches[5].Values[77] = 4321;
            (await server.Harness.Scheduler.Report(new AttemptReport(lease.Attempt, batches, [], step + 1, 0.5, "cpu"))).ShouldBeTrue();
        }

        using var connection = server.Harness.Database.Connect();
        var drawn = CurveReader.Drawn(connection, 1, CurveReader.Ranges(connection, 1).ShouldHaveSingleItem());
        drawn.Values.Count(value => value == 4321).ShouldBe(1);
        var at = drawn.Steps[Array.IndexOf(drawn.Values, 4321f)];
        at.ShouldBeInRange(20 * perReport * 256 + 5 * 256, 20 * perReport * 256 + 7 * 256);
        var part = await server.Operator.GetStringAsync("/trials/1?part=figures", TestContext.Current.CancellationToken);
        part.ShouldContain("at step 1 to 0.5");
        part.ShouldContain("at step 720896.");
        System.Text.Encoding.UTF8.GetByteCount(part).ShouldBeLessThan(100_000);
    }

    /// <summary>Chunks in the order in which they came to be, some of them growing, with a hole and with what is no number.</summary>
    private async Task<SortedList<int, float>> Record(Random random, int chunks)
    {
        var points = new SortedList<int, float>();
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            if (chunk is 70 or 71) continue;
            var first = chunk * PointsPerChunk * Stride;
            var values = Enumerable.Range(0, PointsPerChunk).Select(_ => random.Next(50) switch { 0 => float.NaN, 1 => float.PositiveInfinity, 2 => -0f, _ => (float)(random.NextDouble() - 0.5) }).ToArray();
            // Half of a page is nothing but NaN: a bucket of it has no smallest value.
            if (chunk is > 170 and < 260) Array.Fill(values, float.NaN);
            if (random.Next(5) == 0) await Send(values[..random.Next(1, PointsPerChunk)]);
            await Send(values);
            for (var i = 0; i < values.Length; i++) points.Add(first + i * Stride, values[i]);

            async Task Send(float[] part) => (await server.Harness.Scheduler.Report(new AttemptReport(lease.Attempt, [new MetricBatch("train.loss", first, Stride, part)], [], 1, 0.5, "cpu"))).ShouldBeTrue();
        }

        return points;
    }

    private static (int Step, float Last, float Minimum, float Maximum)[] Naive(KeyValuePair<int, float>[] points, int wanted)
    {
        if (points.Length == 0) return [];
        return [.. points.Chunk((points.Length + wanted - 1) / wanted).Select(bucket =>
        {
            var numbers = bucket.Select(point => point.Value).Where(value => !float.IsNaN(value)).ToArray();
            return (bucket[^1].Key, bucket[^1].Value, numbers.Length == 0 ? float.NaN : numbers.Min(), numbers.Length == 0 ? float.NaN : numbers.Max());
        })];
    }
}
