using Harness.Reports.Model;
using Harness.Workers.Trainer;

namespace Harness.Tests.Workers;

public sealed class OutOfMemoryKillsTests : IDisposable
{
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void A_kill_in_the_process_s_own_cgroup_counts()
    {
        Write("proc/7/cgroup", "0::/system.slice/harness\n");
        Write("sys/fs/cgroup/system.slice/harness/memory.events", "low 0\noom 3\noom_kill 2\n");
        Write("proc/vmstat", "oom_kill 9\n");
        var kills = OutOfMemoryKills.Watch(7, root.Path);
        kills.HaveHappened.ShouldBeFalse();
        Write("proc/vmstat", "oom_kill 10\n");
        kills.HaveHappened.ShouldBeFalse("another cgroup's");
        Write("sys/fs/cgroup/system.slice/harness/memory.events", "low 0\noom 4\noom_kill 3\n");
        kills.HaveHappened.ShouldBe(OperatingSystem.IsLinux());
    }

    [Fact]
    public void Without_a_cgroup_the_machine_s_counter_decides()
    {
        Write("proc/7/cgroup", "4:memory:/old\n0::/\n");
        Write("proc/vmstat", "nr_free_pages 12\noom_kill 1\n");
        var kills = OutOfMemoryKills.Watch(7, root.Path);
        kills.HaveHappened.ShouldBeFalse();
        Write("proc/vmstat", "nr_free_pages 12\noom_kill 2\n");
        kills.HaveHappened.ShouldBe(OperatingSystem.IsLinux());
    }

    [Fact]
    public void Without_any_counter_nothing_is_called_a_kill() => OutOfMemoryKills.Watch(int.MaxValue, root.Path).HaveHappened.ShouldBeFalse();

    private void Write(string path, string text)
    {
        var file = root.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
