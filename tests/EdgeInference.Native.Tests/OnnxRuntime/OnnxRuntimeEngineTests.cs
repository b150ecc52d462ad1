using EdgeInference.Inference;
using EdgeInference.Native.OnnxRuntime;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Native.Tests.OnnxRuntime;

public sealed class OnnxRuntimeEngineTests
{
    private static readonly OnnxRuntimeEngineFactory s_factory = new(NullLogger<OnnxRuntimeEngineFactory>.Instance);

    [Fact]
    public async Task InferAsync_StaticShapes_ComputesTheGraph()
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Affine(1, 4), new EngineOptions());
        using IInferenceRequest request = engine.CreateRequest();
        ((float[])[-3, -0.5f, 0, 2]).CopyTo(request.Inputs[0].Elements<float>());

        await request.InferAsync(CancellationToken.None);

        Assert.Equal([0, 0, 1, 5], request.Outputs[0].Elements<float>().ToArray());
    }

    [Fact]
    public async Task InferAsync_AgainWithOtherValues_ComputesTheNewOnes()
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Affine(2), new EngineOptions { ThreadsPerRequest = 2 });
        using IInferenceRequest request = engine.CreateRequest();
        for (int i = 0; i < 50; i++)
        {
            ((float[])[i, 2 * i]).CopyTo(request.Inputs[0].Elements<float>());
            await request.InferAsync(CancellationToken.None);
            Assert.Equal([(2 * i) + 1, (4 * i) + 1], request.Outputs[0].Elements<float>().ToArray());
        }
    }

    [Fact]
    public async Task InferAsync_SeveralInputsAndOutputsOfAllTypes_KeepsOrderAndTypes()
    {
        InferenceModel model = new OnnxModelBuilder()
            .Input("whole", TensorElementType.Int64, 3)
            .Input("other", TensorElementType.Int64, 3)
            .Input("bytes", TensorElementType.UInt8, 3)
            .Node("Greater", ["whole", "other"], ["greater"])
            .Node("Sub", ["whole", "other"], ["difference"])
            .Node("Cast", ["bytes"], ["half"], TensorElementType.Float16)
            .Node("Cast", ["whole"], ["double"], TensorElementType.Float64)
            .Node("Cast", ["whole"], ["int"], TensorElementType.Int32)
            .Node("Cast", ["whole"], ["short"], TensorElementType.Int16)
            .Node("Cast", ["whole"], ["signed"], TensorElementType.Int8)
            .Output("difference", TensorElementType.Int64, 3)
            .Output("greater", TensorElementType.Boolean, 3)
            .Output("half", TensorElementType.Float16, 3)
            .Output("double", TensorElementType.Float64, 3)
            .Output("int", TensorElementType.Int32, 3)
            .Output("short", TensorElementType.Int16, 3)
            .Output("signed", TensorElementType.Int8, 3)
            .Build();
        using IInferenceEngine engine = s_factory.Load(model, new EngineOptions());
        using IInferenceRequest request = engine.CreateRequest();
        ((long[])[5, -7, 9]).CopyTo(request.Inputs[0].Elements<long>());
        ((long[])[4, 0, 9]).CopyTo(request.Inputs[1].Elements<long>());
        ((byte[])[0, 1, 255]).CopyTo(request.Inputs[2].Elements<byte>());

        await request.InferAsync(CancellationToken.None);

        Assert.Equal(string.Join('\n', model.Inputs), string.Join('\n', engine.Inputs));
        Assert.Equal(string.Join('\n', model.Outputs), string.Join('\n', engine.Outputs));
        Assert.Equal([1, -7, 0], request.Outputs[0].Elements<long>().ToArray());
        Assert.Equal([true, false, false], request.Outputs[1].Elements<bool>().ToArray());
        Assert.Equal([(Half)0, (Half)1, (Half)255], request.Outputs[2].Elements<Half>().ToArray());
        Assert.Equal([5, -7, 9], request.Outputs[3].Elements<double>().ToArray());
        Assert.Equal([5, -7, 9], request.Outputs[4].Elements<int>().ToArray());
        Assert.Equal([5, -7, 9], request.Outputs[5].Elements<short>().ToArray());
        Assert.Equal([5, -7, 9], request.Outputs[6].Elements<sbyte>().ToArray());
    }

    [Fact]
    public async Task InferAsync_DynamicBatch_FollowsTheInputsShape()
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Affine(-1, 2), new EngineOptions());
        using IInferenceRequest request = engine.CreateRequest();
        Assert.Equal([-1, 2], engine.Inputs[0].Shape);
        foreach (int batch in (int[])[1, 3, 2, 200, 1])
        {
            request.Inputs[0].Resize(batch, 2);
            request.Inputs[0].Elements<float>().Fill(batch);

            await request.InferAsync(CancellationToken.None);

            Assert.Equal([batch, 2], request.Outputs[0].Shape.ToArray());
            Assert.All(request.Outputs[0].Elements<float>().ToArray(), value => Assert.Equal((2 * batch) + 1, value));
        }
    }

    [Fact]
    public async Task InferAsync_OutputShapeKnownAtRunTimeOnly_FollowsTheContent()
    {
        InferenceModel model = new OnnxModelBuilder()
            .Input("x", TensorElementType.Float32, 5)
            .Node("NonZero", ["x"], ["y"])
            .Output("y", TensorElementType.Int64, 1, -1)
            .Build();
        using IInferenceEngine engine = s_factory.Load(model, new EngineOptions());
        using IInferenceRequest request = engine.CreateRequest();
        foreach (long[] places in (long[][])[[0, 4], [], [1, 2, 3]])
        {
            request.Inputs[0].Elements<float>().Clear();
            foreach (long place in places)
                request.Inputs[0].Elements<float>()[(int)place] = 1;

            await request.InferAsync(CancellationToken.None);

            Assert.Equal([1, places.Length], request.Outputs[0].Shape.ToArray());
            Assert.Equal(places, request.Outputs[0].Elements<long>().ToArray());
        }
    }

    [Fact]
    public async Task InferAsync_WrongShape_NamesTheInputAndGoesOnAfterwards()
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Affine(1, 4), new EngineOptions());
        using IInferenceRequest request = engine.CreateRequest();
        request.Inputs[0].Resize(1, 5);

        InferenceException exception = await Assert.ThrowsAsync<InferenceException>(
            async () => await request.InferAsync(CancellationToken.None));

        Assert.Contains("Run failed (InvalidArgument)", exception.Message, StringComparison.Ordinal);
        Assert.Contains("input: x", exception.Message, StringComparison.Ordinal);
        request.Inputs[0].Resize(1, 4);
        request.Inputs[0].Elements<float>().Fill(1);
        await request.InferAsync(CancellationToken.None);
        Assert.Equal([3, 3, 3, 3], request.Outputs[0].Elements<float>().ToArray());
    }

    [Fact]
    public async Task InferAsync_ManyRequestsAtOnce_EachGetsItsOwnResult()
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Affine(64), new EngineOptions());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(RunAsync));

        async Task RunAsync(int number)
        {
            using IInferenceRequest request = engine.CreateRequest();
            for (int i = 0; i < 300; i++)
            {
                request.Inputs[0].Elements<float>().Fill((number * 1000) + i);
                await request.InferAsync(CancellationToken.None);
                Assert.All(request.Outputs[0].Elements<float>().ToArray(), y => Assert.Equal((2 * ((number * 1000) + i)) + 1, y));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task InferAsync_NumbersTooSmallForTheNormalFormat_CountAsZero(int threads)
    {
        const int Count = 1 << 20;
        InferenceModel model = new OnnxModelBuilder()
            .Input("x", TensorElementType.Float32, Count)
            .Constant("small", [], 1e-10f)
            .Node("Mul", ["x", "small"], ["y"])
            .Output("y", TensorElementType.Float32, Count)
            .Build();
        using IInferenceEngine engine = s_factory.Load(model, new EngineOptions { ThreadsPerRequest = threads });
        using IInferenceRequest request = engine.CreateRequest();
        request.Inputs[0].Elements<float>().Fill(1e-30f);

        await request.InferAsync(CancellationToken.None);

        Assert.Equal(-1, request.Outputs[0].Elements<float>().IndexOfAnyExcept(0f));
    }
}
