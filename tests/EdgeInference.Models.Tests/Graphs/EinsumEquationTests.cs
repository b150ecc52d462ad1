using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Tests.Graphs;

public sealed class EinsumEquationTests
{
    [Theory]
    [InlineData("bij, bjk -> bik", "bij,bjk->bik")]
    [InlineData("ba", "ba->ab")]
    [InlineData("ij,jk", "ij,jk->ik")]
    [InlineData("ii", "ii->")]
    [InlineData("aB", "aB->Ba")]
    [InlineData("...ij,...jk", "...ij,...jk->...ik")]
    public void Parse_AnyForm_SpellsOutTheResult(string text, string expected) =>
        Assert.Equal(expected, EinsumEquation.Parse(text).ToString());

    [Theory]
    [InlineData("ij->ji->ij")]
    [InlineData("ij->jk")]
    [InlineData("ij->jj")]
    [InlineData("i1->i")]
    [InlineData("i.j->ij")]
    [InlineData("...i...->i...")]
    [InlineData("...i->i")]
    [InlineData("i->...i")]
    [InlineData("i*j->ij")]
    public void Parse_WhatIsNoEquation_IsRefused(string text) =>
        Assert.Equal($"equation '{text}' is not one of letters, commas, an arrow and ellipses", Assert.Throws<LayerException>(() => EinsumEquation.Parse(text)).Message);

    [Fact]
    public void ResultShape_Ellipses_AreBroadcast()
    {
        long[] shape = EinsumEquation.Parse("...ij,...jk->ik...").ResultShape([[5, 1, 2, 3], [7, 3, 4]]);

        Assert.Equal([2, 4, 5, 7], shape);
    }

    [Fact]
    public void ResultShape_OperandsThatDoNotFit_AreRefused()
    {
        EinsumEquation equation = EinsumEquation.Parse("ij,jk->ik");

        Assert.Equal("equation 'ij,jk->ik' is of 2 operands, not 1", Refusal([[2, 3]]));
        Assert.Equal("shape [3] does not fit 'jk' of equation 'ij,jk->ik'", Refusal([[2, 3], [3]]));
        Assert.Equal("shapes [3] and [4] cannot be broadcast", Refusal([[2, 3], [4, 5]]));

        string Refusal(long[][] shapes) => Assert.Throws<LayerException>(() => equation.ResultShape(shapes)).Message;
    }

    [Theory]
    [InlineData("ii", new long[] { 3, 3 }, new float[] { 15 })]
    [InlineData("ii->i", new long[] { 3, 3 }, new float[] { 1, 5, 9 })]
    [InlineData("ij->j", new long[] { 2, 3 }, new float[] { 5, 7, 9 })]
    [InlineData("...j->...", new long[] { 2, 1, 2 }, new float[] { 3, 7 })]
    [InlineData("...ij->j...i", new long[] { 2, 1, 2 }, new float[] { 1, 3, 2, 4 })]
    public async Task Einsum_OneOperand_SumsWhatTheResultDoesNotHave(string text, long[] shape, float[] expected)
    {
        Tensor sum = await TestGraph.ComputeAsync(TestGraph.Count(shape), (graph, x) => graph.Einsum(EinsumEquation.Parse(text), [x]));

        Assert.Equal(expected, sum.Elements<float>().ToArray());
    }

    [Fact]
    public async Task Einsum_BroadcastBatches_EqualsTheMatrixProduct()
    {
        Tensor x = TestGraph.Count(2, 2, 3);
        Tensor product = await TestGraph.ComputeAsync(x, static (graph, x) => graph.MatMul(x, Weights(graph)));
        Tensor sum = await TestGraph.ComputeAsync(x, static (graph, x) => graph.Einsum(EinsumEquation.Parse("...ij,...jk"), [x, Weights(graph)]));

        Assert.Equal(product.Shape.ToArray(), sum.Shape.ToArray());
        Assert.Equal(product.Elements<float>().ToArray(), sum.Elements<float>().ToArray());

        static Value Weights(GraphBuilder graph) => graph.Constant(Constant.Floats([1, 2, 3, 4, 5, 6], 3, 2));
    }

    [Fact]
    public async Task Einsum_AxisOfSizeOne_IsBroadcast()
    {
        Tensor sum = await TestGraph.ComputeAsync(TestGraph.Count(1, 3), static (graph, x) =>
            graph.Einsum(EinsumEquation.Parse("ij,ij->ij"), [x, graph.Constant(Constant.Floats([1, 2, 3, 10, 20, 30], 2, 3))]));

        Assert.Equal([1, 4, 9, 10, 40, 90], sum.Elements<float>().ToArray());
    }
}
