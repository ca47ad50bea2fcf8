using Harness.Reports.Model;
using Harness.Server.Hosting;
using Harness.Store.Files;
using Harness.Workers.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Tests.Orchestrator;

public sealed class OwnerFolderTests : IDisposable
{
    private const UnixFileMode OwnerReads = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerEnters = OwnerReads | UnixFileMode.UserExecute;
    private const UnixFileMode AllRead = OwnerReads | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode AllEnter = AllRead | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly TemporaryFolder folder = new();

    public OwnerFolderTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "SKIPPED: Windows has access lists in the place of modes.");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Everything_in_a_new_data_folder_is_its_owners()
    {
        var data = folder.File("data");
        await using (var harness = await EmbeddedHarness.Open(data, NullLoggerFactory.Instance))
        {
            ContentFolder.In(data).Add(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("x"u8)), "x"u8);
            await harness.StartSilo(null, Cluster.OnThisMachine(data), TestContext.Current.CancellationToken);
            Open(data).ShouldBeEmpty();
            Directory.GetFiles(data, "*", SearchOption.AllDirectories).ShouldContain(file => Path.GetFileName(file) == "cluster.db");
        }

        Mode(data).ShouldBe(OwnerEnters);
        Open(data).ShouldBeEmpty();
    }

    [Fact]
    public void An_existing_folder_is_closed_and_what_is_not_ours_in_it_stays()
    {
        foreach (var name in (string[])["files", "weights", "checkpoints", "notes"])
        {
            Directory.CreateDirectory(folder.File(name));
            File.WriteAllText(folder.File($"{name}/one"), "");
            Set(AllEnter, name);
            Set(AllRead, $"{name}/one");
        }

        foreach (var name in (string[])["harness.db", "harness.db-wal", "harness.db-shm", "harness.db.lock", "cluster.db", "mine.txt"])
        {
            File.WriteAllText(folder.File(name), "");
            Set(AllRead, name);
        }

        File.CreateSymbolicLink(folder.File("files/link"), folder.File("mine.txt"));
        Set(AllEnter, "");
        OwnerFolder.Claim(folder.Path, NullLogger.Instance);
        Mode(folder.Path).ShouldBe(OwnerEnters);
        Open(folder.Path).Select(path => Path.GetRelativePath(folder.Path, path)).Order(StringComparer.Ordinal).ShouldBe(["mine.txt", "notes", "notes/one"]);
    }

    [Fact]
    public void A_file_that_a_person_asked_for_elsewhere_keeps_their_umask()
    {
        OwnerFolder.Claim(folder.File("data"), NullLogger.Instance);
        foreach (var path in (string[])[folder.File("report.html"), folder.File("data/report.html")])
        {
            File.WriteAllText(path, "");
            Mode(path).ShouldBe(OwnerReads);
            OwnerFolder.Release(path);
        }

        Mode(folder.File("data/report.html")).ShouldBe(OwnerReads);
        // The umask of this process before is not known here: 0077 leaves it closed.
        (Mode(folder.File("report.html")) & ~AllRead).ShouldBe(UnixFileMode.None);
    }

    private void Set(UnixFileMode mode, string name)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder.File(name), mode);
    }

    private static UnixFileMode Mode(string path) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);

    /// <summary>What others may do anything with; links are what they point to.</summary>
    private static IEnumerable<string> Open(string folder) => Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
        .Where(path => new FileInfo(path).LinkTarget is null && (Mode(path) & OwnerFile.Others) != UnixFileMode.None);
}
