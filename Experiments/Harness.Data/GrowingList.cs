using System.Collections;

namespace Harness.Data;

/// <summary>Values of rows, one after another. Unlike a list it never copies what it holds to a place twice as large.</summary>
internal sealed class GrowingList<T> : IEnumerable<T>
{
    private const int Bits = 12, PieceLength = 1 << Bits;

    /// <summary>The first piece begins so short and grows to its length: most columns are short.</summary>
    private const int FirstLength = 64, Growth = 4;

    private readonly List<T[]> pieces = [];

    public int Count { get; private set; }

    public T this[int index] => pieces[index >> Bits][index & (PieceLength - 1)];

    public void Add(T value)
    {
        var place = Count & (PieceLength - 1);
        if (Count == pieces.Count << Bits)
        {
            pieces.Add(new T[Count == 0 ? FirstLength : PieceLength]);
        }
        else if (place == pieces[^1].Length)
        {
            var grown = new T[place * Growth];
            pieces[^1].CopyTo(grown, 0);
            pieces[^1] = grown;
        }

        pieces[^1][place] = value;
        Count++;
    }

    public T[] ToArray()
    {
        var values = new T[Count];
        for (var i = 0; i < pieces.Count; i++) pieces[i].AsSpan(0, Math.Min(PieceLength, Count - (i << Bits))).CopyTo(values.AsSpan(i << Bits));
        return values;
    }

    public void Clear()
    {
        pieces.Clear();
        Count = 0;
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
