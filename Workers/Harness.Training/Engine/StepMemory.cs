
namespace Harness.Training.Engine;

/// <summary>What a cell reads and writes in one step of the loop. Row b of each span is sequence b's.</summary>
internal readonly ref struct ForwardStep<T> where T : unmanaged
{
    /// <summary>Sequences, padded to whole tiles.</summary>
    public required int Batch { get; init; }

    /// <summary>[h of the step before | 1 | x].</summary>
    public required ReadOnlySpan<T> Rows { get; init; }

    /// <summary>The next step's rows; h is written to their start.</summary>
    public required Span<T> Next { get; init; }

    /// <summary>Activated gates, kept for the way back.</summary>
    public required Span<T> Gates { get; init; }

    /// <summary>c of the step before; empty for cells without a cell state.</summary>
    public required ReadOnlySpan<T> Cells { get; init; }

    /// <summary>c of this step.</summary>
    public required Span<T> NextCells { get; init; }
}

/// <summary>The same on the way back.</summary>
internal readonly ref struct BackwardStep<T> where T : unmanaged
{
    public required int Batch { get; init; }

    /// <summary>[h of the step before | 1 | x].</summary>
    public required ReadOnlySpan<T> Rows { get; init; }

    /// <summary>The next step's rows, which begin with this step's h.</summary>
    public required ReadOnlySpan<T> Next { get; init; }

    /// <summary>This step's activated gates; replaced by ∂L/∂(what was activated).</summary>
    public required Span<T> Gates { get; init; }

    /// <summary>The next step's derivatives; empty at the last step.</summary>
    public required ReadOnlySpan<T> Later { get; init; }

    public required ReadOnlySpan<T> Cells { get; init; }

    public required ReadOnlySpan<T> NextCells { get; init; }

    /// <summary>∂L/∂h of this step from what reads it: the output layer or the layer above.</summary>
    public required ReadOnlySpan<T> Output { get; init; }

    /// <summary>Numbers from one row of <see cref="Output"/> to the next.</summary>
    public required int OutputStride { get; init; }

    /// <summary>[B, H padded]: what reaches the step before past the recurrent weights. Read and replaced.</summary>
    public required Span<T> Carry { get; init; }

    /// <summary>Where ∂L/∂h is written, [B, H padded]; empty when nobody asks.</summary>
    public required Span<T> Hidden { get; init; }

    /// <summary>Where ∂L/∂c is written, likewise.</summary>
    public required Span<T> Cell { get; init; }
}
