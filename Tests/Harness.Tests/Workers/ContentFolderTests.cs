using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Workers.Data;

namespace Harness.Tests.Workers;

public sealed class ContentFolderTests
{
    [Fact]
    public void Content_is_found_by_its_hash_and_put_right_when_it_was_damaged()
    {
        using var folder = new TemporaryFolder();
        var content = new ContentFolder(folder.File("files"));
        var hash = DataFile.HashOf("hello"u8);
        content.Find(hash).ShouldBeNull();
        content.Add(hash, "hello"u8);
        File.ReadAllText(content.Find(hash).ShouldNotBeNull()).ShouldBe("hello");

        File.WriteAllText(content.Find(hash)!, "hallo");
        content.Add(hash, "hello"u8);
        File.ReadAllText(content.Find(hash)!).ShouldBe("hello");
        Directory.GetFiles(folder.File("files")).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData("ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789")]
    public void Only_hashes_are_names(string name)
    {
        using var folder = new TemporaryFolder();
        Should.Throw<NameRefusedException>(() => new ContentFolder(folder.Path).Find(name));
    }
}
