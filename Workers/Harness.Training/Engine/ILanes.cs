namespace Harness.Training.Engine;

/// <summary>One vector register's worth of numbers, and the operations that the engine is made of.</summary>
/// <remarks>
/// Every operation is correctly rounded and acts on each number by itself, and <see cref="MultiplyAdd"/> rounds once everywhere: a processor without the
/// instruction computes it in software, slowly, to the same bits. So a kernel gives the same bits at every width.
/// </remarks>
/// <typeparam name="V">The register.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal interface ILanes<V, T> where V : struct where T : unmanaged
{
    /// <summary>Numbers in a register.</summary>
    static abstract int Count { get; }

    /// <summary>Registers side by side in a tile of four rows: as many as leave room for what is multiplied. See <see cref="Tile{L, V, T}"/>.</summary>
    static abstract int Widest { get; }

    /// <summary>Registers side by side in a tile of eight rows.</summary>
    static abstract int WidestOfEight { get; }

    static abstract V Of(double value);

    static abstract V Broadcast(ref T value);

    static abstract V Load(ref T source, nint offset);

    static abstract void Store(V value, ref T destination, nint offset);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    static abstract V Add(V a, V b);

    static abstract V Subtract(V a, V b);

    static abstract V Multiply(V a, V b);

    static abstract V Divide(V a, V b);

    static abstract V SquareRoot(V a);

    /// <summary><paramref name="value"/> cut off at both ends; what is not a number stays what it is.</summary>
    static abstract V Clamp(V value, double low, double high);

    /// <summary><paramref name="value"/> where <paramref name="sign"/> is above zero, else zero.</summary>
    static abstract V WherePositive(V sign, V value);

    /// <summary>2ⁿ from a number whose lowest bits hold n plus the bias of the exponent.</summary>
    static abstract V PowerOfTwo(V shifted);
}
