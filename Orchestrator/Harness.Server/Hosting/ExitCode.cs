namespace Harness.Server.Hosting;

/// <summary>What the process returns. Documented in docs/command-line.md; a test holds the two together.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Done, but something failed: a trial without a result, or a cure is needed (doctor).</summary>
    public const int Failures = 1;

    /// <summary>The command line or the experiment file is wrong; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>The named experiment, trial, worker or server does not exist.</summary>
    public const int NotFound = 3;

    /// <summary>The server asks for a token, or for one with more rights; or the cluster and this process reject each other.</summary>
    public const int Forbidden = 4;

    /// <summary>The database is held by another process or cannot be used, the server does not answer, or the trainer does not start.</summary>
    public const int Unavailable = 5;

    /// <summary>Stopped watching; the experiment keeps running.</summary>
    public const int Detached = 6;

    /// <summary>A bug in this program.</summary>
    public const int Bug = 70;

    /// <summary>The cluster has declared this process dead, or it cannot reach the cluster. Its supervisor restarts it.</summary>
    public const int StartAgain = 75;

    /// <summary>Interrupted; the same command resumes.</summary>
    public const int Interrupted = 130;
}
