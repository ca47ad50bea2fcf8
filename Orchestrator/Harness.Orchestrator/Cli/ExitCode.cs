namespace Harness.Orchestrator.Cli;

/// <summary>What the process returns. Documented in docs/command-line.md; a test holds the two together.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Done, but something failed: a trial without a result, or a cure is needed (doctor).</summary>
    public const int Failures = 1;

    /// <summary>The command line or the experiment file is wrong; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>What was asked for does not exist.</summary>
    public const int NotFound = 3;

    /// <summary>The server asks for a token, or for one that may do more; or the cluster does not accept this process.</summary>
    public const int Forbidden = 4;

    /// <summary>The database is held by another process or cannot be used, the server does not answer, or the trainer does not start.</summary>
    public const int Unavailable = 5;

    /// <summary>Watching ended before what was watched; that goes on.</summary>
    public const int Detached = 6;

    /// <summary>A fault of this program.</summary>
    public const int Bug = 70;

    /// <summary>A process that the cluster has given up, or that cannot reach it: start it again. Its supervisor does.</summary>
    public const int StartAgain = 75;

    /// <summary>Interrupted; the same command goes on.</summary>
    public const int Interrupted = 130;
}
