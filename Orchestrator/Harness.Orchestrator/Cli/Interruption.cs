using System.Runtime.InteropServices;

namespace Harness.Orchestrator.Cli;

/// <summary>Ctrl-C (or SIGTERM) once asks to stop in order, twice to leave at once. A supervisor that asks, or is gone, counts as once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource first = new();
    private readonly CancellationTokenSource second = new();
    private readonly PosixSignalRegistration[] registrations;

    public Interruption()
    {
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
        // A thread of its own: reading a pipe blocks.
        if (Environment.GetEnvironmentVariable(Supervisor.Variable) == "1") new Thread(WaitForEndOfInput) { IsBackground = true }.Start();
    }

    public CancellationToken First => first.Token;

    public CancellationToken Second => second.Token;

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        first.Dispose();
        second.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!first.IsCancellationRequested) first.Cancel();
        else second.Cancel();
    }

    private void WaitForEndOfInput()
    {
        try
        {
            using var input = Console.OpenStandardInput();
            input.CopyTo(Stream.Null);
            first.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ends anyway.
        }
    }
}
