using System.Runtime.Intrinsics;

namespace Harness.Training.Engine;

/// <summary>Sixteen floats: AVX-512, with 32 registers.</summary>
internal readonly struct Lanes512 : ILanes<Vector512<float>, float>
{
    public static int Count => 16;

    public static int Widest => 4;

    public static int WidestOfEight => 2;

    public static Vector512<float> Of(double value) => Vector512.Create((float)value);

    public static Vector512<float> Broadcast(ref float value) => Vector512.Create(value);

    public static Vector512<float> Load(ref float source, nint offset) => Vector512.LoadUnsafe(ref source, (nuint)offset);

    public static void Store(Vector512<float> value, ref float destination, nint offset) => value.StoreUnsafe(ref destination, (nuint)offset);

    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    public static Vector512<float> SquareRoot(Vector512<float> a) => Vector512.Sqrt(a);

    // The native minimum and maximum hand on their second operand when one is not a number.
    public static Vector512<float> Clamp(Vector512<float> value, double low, double high) => Vector512.MaxNative(Of(low), Vector512.MinNative(Of(high), value));

    public static Vector512<float> WherePositive(Vector512<float> sign, Vector512<float> value) => Vector512.GreaterThan(sign, Vector512<float>.Zero) & value;

    public static Vector512<float> PowerOfTwo(Vector512<float> shifted) => Vector512.ShiftLeft(shifted.AsInt32(), 23).AsSingle();
}

/// <summary>Eight floats: AVX2, with 16 registers.</summary>
internal readonly struct Lanes256 : ILanes<Vector256<float>, float>
{
    public static int Count => 8;

    public static int Widest => 3;

    public static int WidestOfEight => 1;

    public static Vector256<float> Of(double value) => Vector256.Create((float)value);

    public static Vector256<float> Broadcast(ref float value) => Vector256.Create(value);

    public static Vector256<float> Load(ref float source, nint offset) => Vector256.LoadUnsafe(ref source, (nuint)offset);

    public static void Store(Vector256<float> value, ref float destination, nint offset) => value.StoreUnsafe(ref destination, (nuint)offset);

    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.FusedMultiplyAdd(a, b, c);

    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    public static Vector256<float> SquareRoot(Vector256<float> a) => Vector256.Sqrt(a);

    // The native minimum and maximum hand on their second operand when one is not a number.
    public static Vector256<float> Clamp(Vector256<float> value, double low, double high) => Vector256.MaxNative(Of(low), Vector256.MinNative(Of(high), value));

    public static Vector256<float> WherePositive(Vector256<float> sign, Vector256<float> value) => Vector256.GreaterThan(sign, Vector256<float>.Zero) & value;

    public static Vector256<float> PowerOfTwo(Vector256<float> shifted) => Vector256.ShiftLeft(shifted.AsInt32(), 23).AsSingle();
}

/// <summary>Four floats: any processor.</summary>
internal readonly struct Lanes128 : ILanes<Vector128<float>, float>
{
    public static int Count => 4;

    public static int Widest => 3;

    public static int WidestOfEight => 1;

    public static Vector128<float> Of(double value) => Vector128.Create((float)value);

    public static Vector128<float> Broadcast(ref float value) => Vector128.Create(value);

    public static Vector128<float> Load(ref float source, nint offset) => Vector128.LoadUnsafe(ref source, (nuint)offset);

    public static void Store(Vector128<float> value, ref float destination, nint offset) => value.StoreUnsafe(ref destination, (nuint)offset);

    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.FusedMultiplyAdd(a, b, c);

    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    public static Vector128<float> SquareRoot(Vector128<float> a) => Vector128.Sqrt(a);

    // The native minimum and maximum hand on their second operand when one is not a number.
    public static Vector128<float> Clamp(Vector128<float> value, double low, double high) => Vector128.MaxNative(Of(low), Vector128.MinNative(Of(high), value));

    public static Vector128<float> WherePositive(Vector128<float> sign, Vector128<float> value) => Vector128.GreaterThan(sign, Vector128<float>.Zero) & value;

    public static Vector128<float> PowerOfTwo(Vector128<float> shifted) => Vector128.ShiftLeft(shifted.AsInt32(), 23).AsSingle();
}

/// <summary>Four doubles: what float32 results are verified with, and trials in float64.</summary>
internal readonly struct DoubleLanes : ILanes<Vector256<double>, double>
{
    public static int Count => 4;

    public static int Widest => 3;

    public static int WidestOfEight => 1;

    public static Vector256<double> Of(double value) => Vector256.Create(value);

    public static Vector256<double> Broadcast(ref double value) => Vector256.Create(value);

    public static Vector256<double> Load(ref double source, nint offset) => Vector256.LoadUnsafe(ref source, (nuint)offset);

    public static void Store(Vector256<double> value, ref double destination, nint offset) => value.StoreUnsafe(ref destination, (nuint)offset);

    public static Vector256<double> MultiplyAdd(Vector256<double> a, Vector256<double> b, Vector256<double> c) => Vector256.FusedMultiplyAdd(a, b, c);

    public static Vector256<double> Add(Vector256<double> a, Vector256<double> b) => a + b;

    public static Vector256<double> Subtract(Vector256<double> a, Vector256<double> b) => a - b;

    public static Vector256<double> Multiply(Vector256<double> a, Vector256<double> b) => a * b;

    public static Vector256<double> Divide(Vector256<double> a, Vector256<double> b) => a / b;

    public static Vector256<double> SquareRoot(Vector256<double> a) => Vector256.Sqrt(a);

    // The native minimum and maximum hand on their second operand when one is not a number.
    public static Vector256<double> Clamp(Vector256<double> value, double low, double high) => Vector256.MaxNative(Of(low), Vector256.MinNative(Of(high), value));

    public static Vector256<double> WherePositive(Vector256<double> sign, Vector256<double> value) => Vector256.GreaterThan(sign, Vector256<double>.Zero) & value;

    public static Vector256<double> PowerOfTwo(Vector256<double> shifted) => Vector256.ShiftLeft(shifted.AsInt64(), 52).AsDouble();
}
