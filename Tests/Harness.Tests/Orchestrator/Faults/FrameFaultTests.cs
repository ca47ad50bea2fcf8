using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Orchestrator.Cli;
using Harness.Store;
using Harness.Tests.Workers;
using Harness.Workers.Connection;
using Harness.Workers.Slots;
using Harness.Workers.Trainer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Tests.Orchestrator.Faults;

/// <summary>
/// Every field of every frame that a trainer writes, spoiled in every way, from the line on its standard output to the database. Each line costs its
/// own attempt at most; the worker and the server go on.
/// </summary>
public sealed class FrameFaultTests : IAsyncDisposable
{
    private const string Attempt = "ATTEMPT";

    /// <summary>What can stand in place of any value, as JSON; null removes the field.</summary>
    private static readonly string?[] poisons =
    [
        null, "null", "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "-0.0", "1e308", "-1e308", "1e400", "0", "-1", "2147483647", "2147483648", "9223372036854775808", "true", "\"\"", "\"\\u0000\"", "\"\\ud800\"",
        "\"text\"", "[]", "{}", "[null]", "[[[[]]]]",
    ];

    private readonly GuardedScheduler cluster = new();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    public static TheoryData<string> Frames => [.. typeof(TrainerFrame).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(derived => (string)derived.TypeDiscriminator!)];

    [SlowTheory(Category.Search)]
    [MemberData(nameof(Frames))]
    public async Task No_frame_costs_more_than_its_attempt(string type)
    {
        var experiment = await cluster.Submit("seeds.count=700", "run.trial_retries=100");
        var sound = Sound(type);
        var lines = Spoiled(sound).ToList();
        var link = new OrchestratorLink(new FakeOrchestrator { Door = cluster.Door }.Grains, TimeProvider.System, NullLogger.Instance);
        var free = new Queue<Lease>();
        var (frames, ended) = (0, 0);
        foreach (var line in lines.Prepend((Place: "sound", Line: Encoding.UTF8.GetBytes(sound))))
        {
            if (free.Count == 0) foreach (var next in await cluster.Acquire(50)) free.Enqueue(next);
            var lease = free.Dequeue();
            var runner = new AttemptRunner(lease, files: null, content: null, link, courier: null, TimeProvider.System, NullLogger.Instance);
            AttemptCompletion? end = null;
            foreach (var frame in await Read(line.Line, runner.Token))
            {
                frames++;
                end ??= runner.Ending(frame);
                if (end is null && frame is ReportedFrame reported) await runner.Take(reported, TestContext.Current.CancellationToken);
            }

            if (end is not null) ended++;
            await runner.Finish(end ?? runner.End(AttemptEnd.Completed, GuardedScheduler.Outcome), "said", TestContext.Current.CancellationToken);
            runner.HasEnded.ShouldBeTrue(line.Place);
            cluster.Scheduler.Failed.IsCompleted.ShouldBeFalse(line.Place);
            cluster.Rows($"SELECT a.state FROM attempt a JOIN trial t ON t.id = a.trial_id WHERE t.hash = '{lease.Attempt.Trial}' AND a.number = {lease.Attempt.Number}").ShouldBe(["ended"], line.Place);
        }

        frames.ShouldBeGreaterThan(lines.Count / 2);
        ended.ShouldBeGreaterThan(0);
        foreach (var lease in free) (await cluster.Complete(lease)).ShouldBeTrue();
        cluster.Rows("SELECT count(*) FROM event WHERE kind = 'measurements_refused'").ShouldBe(["0"]);
        cluster.Rows("PRAGMA integrity_check").ShouldBe(["ok"]);
        using var folder = new TemporaryFolder();
        using var connection = cluster.Database.Connect();
        await ReportFile.Write(new ResultsReader(connection).Read(experiment), folder.File("x.html"));
    }

    private static async Task<List<TrainerFrame>> Read(byte[] line, string token)
    {
        // Byte for byte, for some lines are no text.
        var named = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(line).Replace(Attempt, token, StringComparison.Ordinal));
        var frames = new List<TrainerFrame>();
        await foreach (var frame in new FrameReader(new MemoryStream([.. named, (byte)'\n']), _ => { }).Read(TestContext.Current.CancellationToken)) frames.Add(frame);
        return frames;
    }

    private static string Sound(string type)
    {
        var kind = typeof(TrainerFrame).GetCustomAttributes<JsonDerivedTypeAttribute>().Single(derived => (string)derived.TypeDiscriminator! == type).DerivedType;
        var frame = (TrainerFrame)Specimen.Of(kind, (name, _) => name switch
        {
            "Attempt" => Attempt,
            "Metric" => "train.loss",
            "State" => "h",
            "Layer" => 0,
            "Sample" => new TaskSample(2, 1, [0], [1], 1, [0.5f], [1], [0.5f]),
            "Trace" => new GateTrace(ProbeMoment.End, 1, 2, [1], [1], [1], 1, [0.5f], [new LayerTrace(0, false, [1], [new GateActivity("forget", 0, 1, [1])])]),
            _ => null,
        });
        return JsonSerializer.Serialize(frame, HarnessJson.Default.TrainerFrame);
    }

    private static IEnumerable<(string Place, byte[] Line)> Spoiled(string sound)
    {
        foreach (var path in Paths(JsonNode.Parse(sound)!, ""))
        {
            foreach (var poison in poisons.Append($"\"{new string('x', 1 << 20)}\""))
            {
                var (field, value) = (path, poison?.Length > 100 ? "1 MB" : poison ?? "removed");
                // Only one field holds so much at a time, and not every one of every profile needs to.
                if (value == "1 MB" && path.Count(character => character == '.') > 2) continue;
                yield return ($"{field} = {value}", Encoding.UTF8.GetBytes(Replaced(JsonNode.Parse(sound)!, path, poison)));
            }
        }

        var bytes = Encoding.UTF8.GetBytes(sound);
        yield return ("cut", bytes[..(bytes.Length / 2)]);
        yield return ("twice", [.. bytes, .. bytes]);
        yield return ("no UTF-8", [.. bytes[..^1], 0xFF, 0xFE, (byte)'}']);
        yield return ("brackets", Encoding.UTF8.GetBytes(sound[..^1] + ",\"x\":" + new string('[', 100_000)));
    }

    private static IEnumerable<string> Paths(JsonNode node, string path)
    {
        var children = node switch
        {
            JsonObject fields => fields.Select(field => (field.Key, field.Value)),
            JsonArray items => items.Take(1).Select((item, index) => (index.ToString(System.Globalization.CultureInfo.InvariantCulture), item)),
            _ => [],
        };
        foreach (var (name, child) in children)
        {
            yield return $"{path}.{name}";
            if (child is null) continue;
            foreach (var deeper in Paths(child, $"{path}.{name}")) yield return deeper;
        }
    }

    /// <summary>The text with one value replaced as it is written: JSON has no number for what some poisons are.</summary>
    private static string Replaced(JsonNode root, string path, string? poison)
    {
        const string mark = "\"POISON HERE\"";
        var names = path.Split('.', StringSplitOptions.RemoveEmptyEntries);
        var parent = root;
        foreach (var name in names[..^1]) parent = parent is JsonArray items ? items[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)]! : parent[name]!;
        if (parent is JsonArray list) list[0] = JsonNode.Parse(mark);
        else if (poison is null) parent.AsObject().Remove(names[^1]);
        else parent[names[^1]] = JsonNode.Parse(mark);
        return root.ToJsonString().Replace(mark, poison ?? "null", StringComparison.Ordinal);
    }
}
