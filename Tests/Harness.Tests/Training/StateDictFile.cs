using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Harness.Tests.Training;

/// <summary>A reader of PyTorch's state_dict files that shares no code with the product: a small machine for the pickle's opcodes, which calls nothing but what is expected.</summary>
internal static class StateDictFile
{
    public static Dictionary<string, (string Type, long[] Shape, byte[] Bytes)> Read(byte[] file)
    {
        using var archive = new ZipArchive(new MemoryStream(file));
        archive.Entries.ShouldAllBe(entry => entry.CompressedLength == entry.Length);
        Encoding.ASCII.GetString(Record("version")).ShouldBe("3\n");
        Encoding.ASCII.GetString(Record("byteorder")).ShouldBe("little");
        var (pickle, at) = (Record("data.pkl"), 0);
        var (stack, marks) = (new List<object>(), new Stack<int>());
        while (true)
        {
            switch ((char)pickle[at++])
            {
                case '\x80': pickle[at++].ShouldBe((byte)2); break;
                case 'c': stack.Add($"{Line()}.{Line()}"); break;
                case '(': marks.Push(stack.Count); break;
                case 't': stack.Add(Popped()); break;
                case ')': stack.Add(Array.Empty<object>()); break;
                case '\x89': stack.Add(false); break;
                case 'J': stack.Add((long)Int()); break;
                case 'X': stack.Add(Encoding.UTF8.GetString(Bytes(Int()))); break;
                case 'Q':
                    var storage = (object[])Pop();
                    ((string)storage[0], (string)storage[3]).ShouldBe(("storage", "cpu"));
                    stack.Add(((string)storage[1], Record($"data/{storage[2]}"), (long)storage[4]));
                    break;
                case 'R':
                    var (arguments, function) = ((object[])Pop(), (string)Pop());
                    stack.Add(function switch
                    {
                        "collections.OrderedDict" when arguments.Length == 0 => new Dictionary<string, (string, long[], byte[])>(StringComparer.Ordinal),
                        "torch._utils._rebuild_tensor_v2" => Tensor(arguments),
                        _ => throw new InvalidDataException(function),
                    });
                    break;
                case 'u':
                    var items = Popped();
                    var dictionary = (Dictionary<string, (string, long[], byte[])>)stack[^1];
                    foreach (var pair in items.Chunk(2)) dictionary.Add((string)pair[0], ((string, long[], byte[]))pair[1]);
                    break;
                case '.':
                    at.ShouldBe(pickle.Length);
                    return (Dictionary<string, (string, long[], byte[])>)stack.ShouldHaveSingleItem();
                default: throw new InvalidDataException($"opcode {pickle[at - 1]:x2} at {at - 1}");
            }
        }

        byte[] Record(string name)
        {
            using var stream = archive.GetEntry($"archive/{name}").ShouldNotBeNull(name).Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        }

        byte[] Bytes(int count) => pickle[at..(at += count)];
        int Int() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));
        string Line() => Encoding.ASCII.GetString(Bytes(Array.IndexOf(pickle, (byte)'\n', at) - at + 1)).TrimEnd('\n');

        object Pop()
        {
            var top = stack[^1];
            stack.RemoveAt(stack.Count - 1);
            return top;
        }

        object[] Popped()
        {
            var mark = marks.Pop();
            var items = stack.Skip(mark).ToArray();
            stack.RemoveRange(mark, items.Length);
            return items;
        }
    }

    private static (string, long[], byte[]) Tensor(object[] arguments)
    {
        arguments.Length.ShouldBe(6);
        var (type, bytes, count) = ((string, byte[], long))arguments[0];
        long[] shape = [.. ((object[])arguments[2]).Cast<long>()], strides = [.. ((object[])arguments[3]).Cast<long>()];
        ((long)arguments[1]).ShouldBe(0);
        shape.Aggregate(1L, (product, size) => product * size).ShouldBe(count);
        strides.ShouldBe([.. Enumerable.Range(1, shape.Length).Select(from => shape.Skip(from).Aggregate(1L, (product, size) => product * size))]);
        ((bool)arguments[4]).ShouldBeFalse();
        bytes.Length.ShouldBe((int)count * (type == "torch.FloatStorage" ? 4 : 8));
        return (type, shape, bytes);
    }
}
