using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Harness.Abstractions.Contracts;

namespace Harness.Workers.Trainer;

/// <summary>
/// One trainer child: training happens out here, so that a crash, an out-of-memory kill or a hang costs one attempt and
/// is classified from the exit. The child exits when its standard input closes, even after a crash of this process.
/// </summary>
internal sealed class TrainerProcess : IAsyncDisposable
{
    /// <summary>From the end of its output to the end of the process; a core dump takes a while.</summary>
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(10);

    private readonly Process process;
    private readonly ErrorTail errors = new();
    private readonly Channel<TrainerFrame> frames = Channel.CreateBounded<TrainerFrame>(new BoundedChannelOptions(256) { SingleReader = true });
    private readonly TaskCompletionSource<TrainerReady> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim sending = new(1, 1);
    private readonly Task pumping;
    private OutOfMemoryKills memory;

    private TrainerProcess(Process process)
    {
        this.process = process;
        memory = OutOfMemoryKills.Watch(process.Id);
        process.ErrorDataReceived += (_, line) => { if (line.Data is not null) errors.Add(line.Data); };
        process.BeginErrorReadLine();
        pumping = Pump();
    }

    /// <summary>Completes when the child is up and libtorch answers; fails when it ends before.</summary>
    public Task<TrainerReady> Ready => ready.Task;

    /// <summary>Frames after the first; completed when the child has ended.</summary>
    public ChannelReader<TrainerFrame> Frames => frames.Reader;

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>The last lines of the child's standard error.</summary>
    public string Errors => errors.ToString();

    /// <summary>What is kept of its standard error since the last attempt ended.</summary>
    public string Log => errors.All;

    /// <summary>An attempt has ended: what comes now belongs to the next.</summary>
    public void ForgetLog()
    {
        errors.Clear();
        memory = OutOfMemoryKills.Watch(process.Id);
    }

    /// <summary>Starts a child.</summary>
    /// <param name="threads">Torch threads.</param>
    /// <param name="visibleDevices">What <see cref="VisibleDevices.Variable"/> says in it; null leaves it as it is here.</param>
    /// <param name="executable">Another trainer than the one that belongs to this program.</param>
    /// <exception cref="FileNotFoundException">There is no trainer to start.</exception>
    /// <exception cref="InvalidOperationException">The system refused to start it.</exception>
    public static TrainerProcess Start(int threads, string? visibleDevices = null, string? executable = null)
    {
        var path = executable ?? TrainerExecutable.Locate();
        var start = new ProcessStartInfo(path)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        var count = threads.ToString(CultureInfo.InvariantCulture);
        start.Environment["HARNESS_TORCH_THREADS"] = count;
        start.Environment["OMP_NUM_THREADS"] = count;
        start.Environment["HARNESS_TRAINER_OWNED"] = "1";
        if (visibleDevices is not null) start.Environment[VisibleDevices.Variable] = visibleDevices;
        start.Environment["DOTNET_ROOT"] = TrainerExecutable.DotnetRoot();
        // Without it cuBLAS, and cuDNN's recurrent layers through it, may add in another order from run to run.
        start.Environment.TryAdd("CUBLAS_WORKSPACE_CONFIG", ":4096:8");
        // 64 MB, in hexadecimal. TorchSharp does not keep a number alive while native code reads it, so a collection that another thread starts
        // can free it too early. With this much room no other thread starts one: the training thread collects between its steps.
        start.Environment.TryAdd("DOTNET_GCgen0size", "0x4000000");
        if (OperatingSystem.IsLinux())
        {
            // The library LSTM allocates multi-megabyte workspaces every step; without these glibc's heap fragments
            // to gigabytes and steps become ten times slower.
            start.Environment.TryAdd("MALLOC_MMAP_MAX_", "0");
            start.Environment.TryAdd("MALLOC_TRIM_THRESHOLD_", "16000000000");
            start.Environment.TryAdd("MALLOC_TOP_PAD_", "67108864");
        }

        try
        {
            return new TrainerProcess(Process.Start(start) ?? throw new InvalidOperationException($"The trainer '{path}' did not start."));
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException($"The trainer '{path}' could not be started: {error.Message}.", error);
        }
    }

    /// <summary>Writes one request.</summary>
    /// <exception cref="IOException">The child has ended.</exception>
    public async Task Send(TrainerRequest request, CancellationToken cancellation)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(request, HarnessJson.Default.TrainerRequest), (byte)'\n'];
        await sending.WaitAsync(cancellation);
        try
        {
            var input = process.StandardInput.BaseStream;
            // Whole or not at all: half a request would spoil the next one.
            await input.WriteAsync(line, CancellationToken.None);
            await input.FlushAsync(CancellationToken.None);
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Waits for the end of the child, which has closed its output, and says how it ended. One that does not end is killed.</summary>
    public async Task<TrainerExit> Exit(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(ExitPatience);
        var wasKilled = false;
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Kill();
            wasKilled = true;
            await process.WaitForExitAsync(cancellation);
        }

        return new TrainerExit(process.ExitCode, Errors, wasKilled, IsOutOfMemory: process.ExitCode == TrainerExit.Killed && memory.HaveHappened);
    }

    public void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            // It has ended meanwhile, which is what was wanted.
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The pipe was broken: the child is gone already.
        }

        // Nobody reads any more: keep the pump from blocking on the full channel.
        var drained = Drain();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        await pumping;
        await drained;
        process.Dispose();
        sending.Dispose();
    }

    private string ForeignProtocol(int protocol) =>
        $"The trainer '{process.StartInfo.FileName}' speaks protocol {protocol}, this worker speaks {TrainerReady.CurrentProtocol}. Use the trainer of this build: run 'dotnet build', or unset {TrainerExecutable.PathVariable} if it names another one.";

    private async Task Drain()
    {
        while (await frames.Reader.WaitToReadAsync())
        {
            while (frames.Reader.TryRead(out _))
            {
            }
        }
    }

    private async Task Pump()
    {
        try
        {
            var reader = new FrameReader(process.StandardOutput.BaseStream, errors.Add);
            await foreach (var frame in reader.Read())
            {
                if (frame is TrainerReady { Protocol: TrainerReady.CurrentProtocol } first) ready.TrySetResult(first);
                else if (frame is TrainerReady other) ready.TrySetException(new InvalidOperationException(ForeignProtocol(other.Protocol)));
                else if (frame is UnreadableFrame unreadable && !ready.Task.IsCompleted) ready.TrySetException(new InvalidOperationException($"The trainer wrote a line that cannot be read: {unreadable.Reason}"));
                else await frames.Writer.WriteAsync(frame);
            }
        }
        catch (IOException error)
        {
            errors.Add(error.Message);
        }
        finally
        {
            frames.Writer.TryComplete();
            await process.WaitForExitAsync();
            ready.TrySetException(new TrainerFailedException(new TrainerExit(process.ExitCode, Errors)));
            // A child that dies before anybody asked must not end this process as an unobserved exception.
            _ = ready.Task.Exception;
        }
    }
}

/// <summary>How a trainer process ended.</summary>
/// <param name="Code">Exit code; 128 + n when ended by signal n.</param>
/// <param name="Errors">The last lines of its standard error.</param>
/// <param name="WasKilled">Whether it had to be killed because it had closed its output and did not end.</param>
/// <param name="IsOutOfMemory">Whether the kernel says that it kills for want of memory.</param>
internal sealed record TrainerExit(int Code, string Errors, bool WasKilled = false, bool IsOutOfMemory = false)
{
    public const int Killed = 128 + 9;

    public override string ToString()
    {
        var how = Code switch
        {
            0 => "ended unasked",
            134 => "aborted (signal 6)",
            Killed when IsOutOfMemory => "was killed by the system because memory ran out (signal 9)",
            Killed => "was killed (signal 9); the system reports no lack of memory",
            139 => "crashed in native code (signal 11)",
            > 128 and < 160 => $"was ended by signal {Code - 128}",
            _ => $"ended with exit code {Code}",
        };
        return Errors.Length == 0 ? $"The trainer process {how}." : $"The trainer process {how}. It said last:\n{Errors}";
    }
}

/// <summary>The trainer process ended before it was ready.</summary>
internal sealed class TrainerFailedException(TrainerExit exit) : Exception(exit.ToString())
{
    public TrainerExit Exit { get; } = exit;
}
