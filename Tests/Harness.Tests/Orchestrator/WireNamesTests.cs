using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Server.Grains;
using Harness.Server.Hosting;
using Harness.Workers.Checkpoints;
using Harness.Workers.Data;
using Harness.Workers.Files;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Serialization;

namespace Harness.Tests.Orchestrator;

/// <summary>Names that come over the wire and become part of a path.</summary>
public sealed class WireNamesTests : IDisposable
{
    private const string Trial = "0123456789abcdef0123456789abcdef";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Hostile =>
    [
        "", "*", "?", "../harness.db", "../../private/thesis", "/etc/passwd", "..\\harness.db", Trial + "/..", "0123456789abcdef0123456789abcde*", Trial.ToUpperInvariant(), Trial + "\0", Trial[..31],
        "０123456789abcdef0123456789abcdef", new string('a', 1_000_000),
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_hostile_name_reads_and_removes_nothing(string name)
    {
        await using var harness = await EmbeddedHarness.Open(folder.Path, NullLoggerFactory.Instance);
        var checkpoints = CheckpointFiles.In(folder.Path, NullLogger.Instance);
        var files = new SharedFiles(harness.Database, ContentFolder.In(folder.Path), checkpoints);
        Directory.CreateDirectory(folder.File("checkpoints"));
        string[] kept = [folder.File($"checkpoints/{Trial}-0000000001.ckpt"), folder.File("harness.db-thesis"), folder.File("thesis-1")];
        foreach (var file in kept) await File.WriteAllTextAsync(file, "kept", TestContext.Current.CancellationToken);

        Should.Throw<NameRefusedException>(() => files.Settle(name));
        Should.Throw<NameRefusedException>(() => files.Checkpoints.Newest(name));
        Should.Throw<NameRefusedException>(() => files.Open([Trial, name]));
        Should.Throw<NameRefusedException>(() => files.Sees(name));
        await Should.ThrowAsync<NameRefusedException>(() => files.ReadData(name, 0));
        await Should.ThrowAsync<NameRefusedException>(() => files.ReadCheckpoint(name, 1, 0));
        await Should.ThrowAsync<NameRefusedException>(() => files.WriteCheckpoint(new AttemptKey(name, 1, "w"), 1, 0, new FilePiece([1], true)));
        Should.Throw<NameRefusedException>(() => checkpoints.Remove(name));
        Should.Throw<NameRefusedException>(() => checkpoints.RemoveAll(name));
        Should.Throw<NameRefusedException>(() => CheckpointFiles.WeightsOf(folder.Path, name)).Message.Length.ShouldBeLessThan(200);
        Should.Throw<NameRefusedException>(() => files.Settle(null!));
        Should.Throw<NameRefusedException>(() => files.Open(null!));
        kept.ShouldAllBe(file => File.Exists(file));
    }

    [Fact]
    public async Task What_is_not_a_piece_of_a_checkpoint_is_refused()
    {
        await using var harness = await EmbeddedHarness.Open(folder.Path, NullLoggerFactory.Instance);
        var files = new SharedFiles(harness.Database, ContentFolder.In(folder.Path), CheckpointFiles.In(folder.Path, NullLogger.Instance));
        var attempt = new AttemptKey(Trial, 1, "w");
        foreach (var piece in (FilePiece?[])[null, new FilePiece(null!, true), new FilePiece(new byte[FilePiece.Length + 1], true)])
            await Should.ThrowAsync<NameRefusedException>(() => files.WriteCheckpoint(attempt, 1, 0, piece!));
        await Should.ThrowAsync<NameRefusedException>(() => files.WriteCheckpoint(attempt, 1, -1, new FilePiece([1], true)));
        await Should.ThrowAsync<NameRefusedException>(() => files.WriteCheckpoint(attempt, -1, 0, new FilePiece([1], true)));
        (await files.WriteCheckpoint(attempt, 1, 0, new FilePiece([1], true))).ShouldBeTrue();
        await Should.ThrowAsync<NameRefusedException>(() => files.ReadCheckpoint(Trial, 1, 2));
        await Should.ThrowAsync<NameRefusedException>(() => files.ReadCheckpoint(Trial, 1, -1));
    }

    [Fact]
    public async Task A_link_in_the_place_of_a_file_is_neither_read_nor_written()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: links are made the Linux way.");
        var secret = folder.File("secret");
        await File.WriteAllTextAsync(secret, "secret", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(folder.File("file"), secret);
        File.CreateSymbolicLink(folder.File("other.w.part"), secret);
        await Should.ThrowAsync<NameRefusedException>(() => FileTransfer.Read(folder.File("file"), 0));
        await Should.ThrowAsync<NameRefusedException>(() => FileTransfer.Write(folder.File("file"), "w", 0, new FilePiece([1], true)));
        await Should.ThrowAsync<NameRefusedException>(() => FileTransfer.Write(folder.File("other"), "w", 0, new FilePiece([1], true)));
        (await File.ReadAllTextAsync(secret, TestContext.Current.CancellationToken)).ShouldBe("secret");
    }

    [Fact]
    public void A_refusal_travels_as_itself()
    {
        using var services = new ServiceCollection().AddSerializer(serializer => serializer.AddAssembly(typeof(NameRefusedException).Assembly)).BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var refusal = Should.Throw<NameRefusedException>(() => WireNames.Trial("\u001b[31mx"));
        refusal.Message.ShouldContain("'?[31mx' does not name a trial");
        serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(refusal)).ShouldBeOfType<NameRefusedException>().Message.ShouldBe(refusal.Message);
    }
}
