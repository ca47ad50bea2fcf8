using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Harness.Training.Checkpoints;

/// <summary>
/// A checkpoint's weights as <c>torch.save(model.state_dict(), …)</c> writes them since PyTorch 1.6: a ZIP archive of uncompressed records, the names and
/// shapes in a pickle (protocol 2), the numbers of each tensor in a record of its own. <c>torch.load(…, weights_only=True)</c> reads it.
/// </summary>
/// <remarks>Written here and never read: loading a pickle may run whatever it names.</remarks>
internal static class StateDict
{
    /// <summary>The folder that all records of an archive are in; PyTorch takes whatever name it finds.</summary>
    private const string Root = "archive";

    private const byte Protocol = 0x80, Global = (byte)'c', Mark = (byte)'(', Tuple = (byte)'t', EmptyTuple = (byte)')', Call = (byte)'R',
        Text = (byte)'X', Int32 = (byte)'J', False = 0x89, Persistent = (byte)'Q', SetItems = (byte)'u', Stop = (byte)'.';

    /// <exception cref="OverflowException">A tensor has more numbers than fit 31 bits.</exception>
    public static byte[] Encode(Checkpoint checkpoint)
    {
        var weights = checkpoint.Weights.ToArray();
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Record("data.pkl", Pickle(weights));
            Record("byteorder", "little"u8);
            for (var index = 0; index < weights.Length; index++) Record($"data/{index}", weights[index].Bytes.Span);
            Record("version", "3\n"u8);

            void Record(string name, ReadOnlySpan<byte> content)
            {
                using var record = archive.CreateEntry($"{Root}/{name}", CompressionLevel.NoCompression).Open();
                record.Write(content);
            }
        }

        return file.ToArray();
    }

    /// <summary>OrderedDict of name → torch._utils._rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks).</summary>
    private static ReadOnlySpan<byte> Pickle(CheckpointTensor[] weights)
    {
        var stream = new MemoryStream();
        stream.Write([Protocol, 2]);
        EmptyDictionary();
        stream.WriteByte(Mark);
        for (var index = 0; index < weights.Length; index++)
        {
            var (weight, count) = (weights[index], 1L);
            var strides = new long[weight.Shape.Length];
            for (var dimension = strides.Length - 1; dimension >= 0; dimension--) (strides[dimension], count) = (count, count * weight.Shape[dimension]);

            String(weight.Name);
            Name("torch._utils", "_rebuild_tensor_v2");
            stream.Write([Mark, Mark]);
            String("storage");
            Name("torch", weight.Type switch { ElementType.Float32 => "FloatStorage", ElementType.Float64 => "DoubleStorage", _ => "LongStorage" });
            String(index.ToString(System.Globalization.CultureInfo.InvariantCulture));
            String("cpu");
            Number(count);
            stream.Write([Tuple, Persistent]);
            Number(0);
            Numbers(weight.Shape);
            Numbers(strides);
            stream.WriteByte(False);
            EmptyDictionary();
            stream.Write([Tuple, Call]);
        }

        stream.Write([SetItems, Stop]);
        return stream.GetBuffer().AsSpan(0, (int)stream.Length);

        void EmptyDictionary()
        {
            Name("collections", "OrderedDict");
            stream.Write([EmptyTuple, Call]);
        }

        void Name(string module, string name)
        {
            stream.WriteByte(Global);
            stream.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
        }

        void String(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            stream.WriteByte(Text);
            Plain(bytes.Length);
            stream.Write(bytes);
        }

        void Number(long number)
        {
            stream.WriteByte(Int32);
            Plain(checked((int)number));
        }

        void Numbers(long[] numbers)
        {
            stream.WriteByte(Mark);
            foreach (var number in numbers) Number(number);
            stream.WriteByte(Tuple);
        }

        void Plain(int number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            stream.Write(bytes);
        }
    }
}
