using System.Runtime.InteropServices;
using Google.Protobuf;
using Harness.Training.Checkpoints;
using Harness.Training.Models.Onnx;

namespace Harness.Training.Models;

/// <summary>Builds an ONNX graph, node by node. Every method returns the name of the value that its node computes.</summary>
internal sealed class OnnxGraph
{
    private readonly GraphProto graph = new() { Name = "harness" };

    public GraphProto Graph => graph;

    /// <summary>A node with one output, named <paramref name="output"/> or after its operator and number.</summary>
    public string Node(string operation, string[] inputs, IEnumerable<AttributeProto>? attributes = null, string? output = null)
    {
        var name = output ?? $"{operation.ToLowerInvariant()}_{graph.Node.Count}";
        return Node(operation, inputs, [name], attributes)[0];
    }

    /// <summary>A node with several outputs; an empty name leaves one out.</summary>
    public string[] Node(string operation, string[] inputs, string[] outputs, IEnumerable<AttributeProto>? attributes = null)
    {
        var node = new NodeProto { Name = $"{operation}_{graph.Node.Count}", OpType = operation };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes ?? []);
        graph.Node.Add(node);
        return outputs;
    }

    public string Transpose(string input, params long[] order) => Node("Transpose", [input], [Integers("perm", order)]);

    /// <summary>0 keeps a dimension, −1 takes what is left.</summary>
    public string Reshape(string input, params long[] shape) => Node("Reshape", [input, Constant(shape)]);

    public string Unsqueeze(string input, long axis) => Node("Unsqueeze", [input, Constant([axis])]);

    public string Cast(string input, TensorProto.Types.DataType type) => Node("Cast", [input], [Integer("to", (long)type)]);

    /// <summary>x·Wᵀ + b.</summary>
    /// <param name="weight">[O, I] as PyTorch stores it.</param>
    public string Linear(string input, ModelWeight weight, ModelWeight bias, string name)
    {
        var (rows, columns) = ((int)weight.Shape[0], (int)weight.Shape[1]);
        var transposed = new float[rows * columns];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++) transposed[column * rows + row] = weight.Values[row * columns + column];
        return Node("Add", [Node("MatMul", [input, Constant(transposed, [columns, rows], $"{name}.weight")]), Constant(bias.Values, [rows], $"{name}.bias")]);
    }

    public string Constant(ReadOnlySpan<float> values, long[] shape, string? name = null) => Constant(MemoryMarshal.AsBytes(values), shape, TensorProto.Types.DataType.Float, name);

    public string Constant(ReadOnlySpan<double> values, long[] shape, string? name = null) => Constant(MemoryMarshal.AsBytes(values), shape, TensorProto.Types.DataType.Double, name);

    public string Constant(long[] values) => Constant(MemoryMarshal.AsBytes(values.AsSpan()), [values.Length], TensorProto.Types.DataType.Int64, null);

    public string Scalar(long value) => Constant(MemoryMarshal.AsBytes([value]), [], TensorProto.Types.DataType.Int64, null);

    /// <param name="shape">A negative size is unknown beforehand and bears the name at its place.</param>
    public void Input(string name, TensorProto.Types.DataType type, string meaning, params object[] shape) => graph.Input.Add(Value(name, type, meaning, shape));

    /// <inheritdoc cref="Input"/>
    public void Output(string name, TensorProto.Types.DataType type, string meaning, params object[] shape) => graph.Output.Add(Value(name, type, meaning, shape));

    public static AttributeProto Integer(string name, long value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Number(string name, float value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    public static AttributeProto Word(string name, string value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Integers(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    public static AttributeProto Words(string name, IEnumerable<string> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Strings };
        attribute.Strings.AddRange(values.Select(ByteString.CopyFromUtf8));
        return attribute;
    }

    private string Constant(ReadOnlySpan<byte> bytes, long[] shape, TensorProto.Types.DataType type, string? name)
    {
        var tensor = new TensorProto { Name = name ?? $"constant_{graph.Initializer.Count}", DataType = type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape);
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, string meaning, object[] shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (var size in shape) dimensions.Dim.Add(size is string free ? new TensorShapeProto.Types.Dimension { DimParam = free } : new() { DimValue = Convert.ToInt64(size, System.Globalization.CultureInfo.InvariantCulture) });
        return new() { Name = name, DocString = meaning, Type = new() { TensorType = new() { ElemType = type, Shape = dimensions } } };
    }
}

/// <summary>A weight's numbers in float32, row by row.</summary>
internal sealed record ModelWeight(long[] Shape, float[] Values)
{
    public static ModelWeight Of(CheckpointTensor tensor) => new(tensor.Shape, tensor.Type switch
    {
        ElementType.Float32 => MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray(),
        ElementType.Float64 => [.. MemoryMarshal.Cast<byte, double>(tensor.Bytes.Span).ToArray().Select(value => (float)value)],
        _ => throw new NotSupportedException($"The weight {tensor.Name} is {tensor.Layout}, which is no weight of a network."),
    });
}
