using Harness.Reports.Sections;

namespace Harness.Tests.Reports;

public sealed class ScriptTextTests
{
    [Theory]
    [InlineData("const a = 1;\n  // said\n  const b = a + 2;\n", "const a=1;const b=a+2;")]
    [InlineData("const f = (x, y) => x - -y + +x;", "const f=(x,y)=>x- -y+ +x;")]
    [InlineData("say('a  b', \"c // d\", `e  f`);", "say('a  b',\"c // d\",`e  f`);")]
    [InlineData("say('it\\'s  so');", "say('it\\'s  so');")]
    [InlineData("say(`a ${ f({ b: `c  ${ d } e` }) } g`);", "say(`a ${f({b:`c  ${d} e`})} g`);")]
    [InlineData("const s = t.replace(/[/ \\]]+ x/g, \" \") / 2 / 3;", "const s=t.replace(/[/ \\]]+ x/g,\" \")/2/3;")]
    [InlineData("try { a(); } catch { /* kept here */ }", "try{a();}catch{}")]
    [InlineData("for (const é of all) if (é in b) delete c;", "for(const é of all)if(é in b)delete c;")]
    public void Compact_script_keeps_what_it_does(string script, string expected) => ScriptText.Compact(script).ShouldBe(expected);
}
