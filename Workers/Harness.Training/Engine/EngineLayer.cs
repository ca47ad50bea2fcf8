using System.Numerics;

namespace Harness.Training.Engine;

/// <summary>One layer in one direction: the loop over steps, forwards and back, and the memory that it keeps between the two.</summary>
/// <remarks>Steps are counted as the direction computes them: step 0 of a direction that reads backwards is the sequence's last position.</remarks>
internal sealed class EngineLayer<T>(CellKernel<T> kernel, bool backwards) : IDisposable where T : unmanaged, INumberBase<T>
{
    /// <summary>Rows over which the weights' gradient is added up at once: enough that C's tile is seldom reloaded, few enough that they stay in the second-level cache.</summary>
    private const int GradientRows = 128;

    private readonly LayerSizes sizes = kernel.Sizes;
    private AlignedBuffer<T>? rows, gates, cells, carry, output;
    private int steps, sequences, batch;
    private int[]? lengths;
    private T[] seenHidden = [], seenCell = [];                     // ∂L/∂h and ∂L/∂c of one step
    private (double[] Hidden, double[]? Cell)? normsKept;           // kept, for at every step of a training they would be large garbage

    /// <summary>Sequences, padded to whole tiles.</summary>
    public int Batch => batch;

    public LayerSizes Sizes => sizes;

    /// <summary>Norms of ∂L/∂h and ∂L/∂c, of each sequence at each step of the loop: [T, B]. Written by <see cref="Backward"/> when it is asked to, and overwritten by its next call.</summary>
    public (double[] Hidden, double[]? Cell)? Norms { get; private set; }

    public void Pack(in LayerWeights<T> weights) => kernel.Pack(weights);

    /// <summary>Makes room for a batch, and sets all that stands before its first step.</summary>
    public void Begin(int steps, int sequences, int[]? lengths)
    {
        this.lengths = lengths;
        if (steps == this.steps && sequences == this.sequences) return;
        (this.steps, this.sequences) = (steps, sequences);
        batch = (sequences + kernel.RowMultiple - 1) / kernel.RowMultiple * kernel.RowMultiple;
        AlignedBuffer<T>.Reserve(ref rows, (steps + 1L) * batch * sizes.RowLength);
        AlignedBuffer<T>.Reserve(ref gates, (long)steps * batch * sizes.GateColumns);
        if (kernel.HasCells) AlignedBuffer<T>.Reserve(ref cells, (steps + 1L) * batch * sizes.HiddenColumns);
        AlignedBuffer<T>.Reserve(ref carry, (long)batch * sizes.HiddenColumns);
        AlignedBuffer<T>.Reserve(ref output, (long)batch * sizes.HiddenColumns);
        rows.Span.Clear();
        cells?.Span[..(batch * sizes.HiddenColumns)].Clear();
    }

    /// <summary>Whether the position belongs to the sequence.</summary>
    private bool IsInside(int position, int sequence) => lengths is null || position < lengths[sequence];

    private int Position(int step) => backwards ? steps - 1 - step : step;

    /// <summary>The row's 1 and x, at a position of a sequence; empty beyond its end, where all stays zero.</summary>
    public Span<T> InputAt(int position, int sequence)
    {
        var row = rows!.Span.Slice((Position(position) * batch + sequence) * sizes.RowLength + sizes.HiddenColumns, 1 + sizes.InputColumns);
        if (IsInside(position, sequence))
        {
            row[0] = T.One;
            return row[1..];
        }

        row.Clear();
        return [];
    }

    /// <summary>h at a position of a sequence, zero beyond its end: [H padded].</summary>
    public ReadOnlySpan<T> HiddenAt(int position, int sequence) => rows!.Span.Slice(((Position(position) + 1) * batch + sequence) * sizes.RowLength, sizes.HiddenColumns);

    /// <summary>The last h that the direction computes of a sequence.</summary>
    public ReadOnlySpan<T> LastOf(int sequence) => HiddenAt(backwards ? 0 : (lengths?[sequence] ?? steps) - 1, sequence);

    public void Forward()
    {
        for (var step = 0; step < steps; step++)
        {
            kernel.Forward(new()
            {
                Batch = batch,
                Rows = RowsOf(step),
                Next = RowsOf(step + 1),
                Gates = GatesOf(step),
                Cells = CellsOf(step),
                NextCells = CellsOf(step + 1),
            });
            for (var sequence = 0; lengths is not null && sequence < sequences; sequence++)
            {
                if (IsInside(Position(step), sequence)) continue;
                RowsOf(step + 1).Slice(sequence * sizes.RowLength, sizes.HiddenColumns).Clear();
                if (cells is not null) CellsOf(step + 1).Slice(sequence * sizes.HiddenColumns, sizes.HiddenColumns).Clear();
            }
        }
    }

    /// <summary>Back-propagation through all steps; the weights' gradient is added up on the way.</summary>
    /// <param name="above">∂L/∂h from the output layer or the layer above, with this direction's first column at its start.</param>
    /// <param name="stride">Numbers from one sequence to the next.</param>
    /// <param name="lastOnly">Whether <paramref name="above"/> is of each sequence's last h alone, [B, …], else of every position, [T, B, …].</param>
    /// <param name="below">Where ∂L/∂x goes, [T, B, x columns]; empty for the first layer.</param>
    /// <param name="add">Whether the other direction has written there.</param>
    public void Backward(ReadOnlySpan<T> above, int stride, bool lastOnly, Span<T> below, bool add, bool norms)
    {
        carry!.Span.Clear();
        kernel.ClearGradient();
        Norms = norms ? ReserveNorms() : null;
        var pending = steps;
        for (var step = steps - 1; step >= 0; step--)
        {
            var position = Position(step);
            kernel.Backward(new()
            {
                Batch = batch,
                Rows = RowsOf(step),
                Next = RowsOf(step + 1),
                Gates = GatesOf(step),
                Later = step == steps - 1 ? [] : GatesOf(step + 1),
                Cells = CellsOf(step),
                NextCells = CellsOf(step + 1),
                Output = lastOnly ? Last(above, stride, step) : above[(position * batch * stride)..],
                OutputStride = lastOnly ? sizes.HiddenColumns : stride,
                Carry = carry.Span,
                Hidden = norms ? seenHidden : [],
                Cell = norms ? seenCell : [],
            });
            for (var sequence = 0; lengths is not null && sequence < sequences; sequence++)
            {
                if (IsInside(position, sequence)) continue;
                GatesOf(step).Slice(sequence * sizes.GateColumns, sizes.GateColumns).Clear();
                carry.Span.Slice(sequence * sizes.HiddenColumns, sizes.HiddenColumns).Clear();
            }

            if (Norms is var (ofHidden, ofCell))
            {
                RowNorms.Square<T>(seenHidden, sizes.HiddenColumns, ofHidden.AsSpan(step * sequences, sequences));
                if (ofCell is not null) RowNorms.Square<T>(seenCell, sizes.HiddenColumns, ofCell.AsSpan(step * sequences, sequences));
            }

            if (!below.IsEmpty) kernel.InputGradient(GatesOf(step), below[(position * batch * sizes.InputColumns)..], sizes.InputColumns, batch, add);
            if ((pending - step) * batch < GradientRows && step > 0) continue;
            kernel.AccumulateGradient(rows!.Span[(step * batch * sizes.RowLength)..], gates!.Span[(step * batch * sizes.GateColumns)..], (pending - step) * batch);
            pending = step;
        }

        RowNorms.Root(Norms?.Hidden);
        RowNorms.Root(Norms?.Cell);
    }

    private (double[] Hidden, double[]? Cell) ReserveNorms()
    {
        if (seenHidden.Length != batch * sizes.HiddenColumns) (seenHidden, seenCell) = (new T[batch * sizes.HiddenColumns], kernel.HasCells ? new T[batch * sizes.HiddenColumns] : []);
        if (normsKept is not { } kept || kept.Hidden.Length != steps * sequences) normsKept = kept = (new double[steps * sequences], kernel.HasCells ? new double[steps * sequences] : null);
        return kept;
    }

    /// <summary>What of the last states' gradient arrives at this step: each sequence's own at its end.</summary>
    private ReadOnlySpan<T> Last(ReadOnlySpan<T> above, int stride, int step)
    {
        var arriving = output!.Span[..(batch * sizes.HiddenColumns)];
        if (lengths is null && step < steps - 2) return arriving;          // cleared one step ago
        arriving.Clear();
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            if (step == (backwards ? steps : lengths?[sequence] ?? steps) - 1)
                above.Slice(sequence * stride, sizes.Hidden).CopyTo(arriving[(sequence * sizes.HiddenColumns)..]);
        }

        return arriving;
    }

    public void AddGradientTo(in LayerWeights<T> gradients) => kernel.AddGradientTo(gradients);

    private Span<T> RowsOf(int step) => rows!.Span.Slice(step * batch * sizes.RowLength, batch * sizes.RowLength);

    private Span<T> GatesOf(int step) => gates!.Span.Slice(step * batch * sizes.GateColumns, batch * sizes.GateColumns);

    private Span<T> CellsOf(int step) => cells is null ? [] : cells.Span.Slice(step * batch * sizes.HiddenColumns, batch * sizes.HiddenColumns);

    public void Dispose()
    {
        kernel.Dispose();
        foreach (var buffer in (AlignedBuffer<T>?[])[rows, gates, cells, carry, output]) buffer?.Dispose();
    }
}
