using System.Runtime.InteropServices;

namespace EdgeInference.Models.Tests.Ir;

/// <summary>A folder with a small IR v11 (a convolution, its bias, ReLU) that tests damage in one place or another.</summary>
internal sealed class TinyModel : IDisposable
{
    public const string Text = """
        <?xml version="1.0"?>
        <net name="tiny" version="11">
            <layers>
                <layer id="0" name="data" type="Parameter" version="opset1">
                    <data shape="1,2,4,4" element_type="f32" />
                    <output><port id="0" precision="FP32" names="data"><dim>1</dim><dim>2</dim><dim>4</dim><dim>4</dim></port></output>
                </layer>
                <layer id="1" name="weights" type="Const" version="opset1">
                    <data element_type="f32" shape="3,2,1,1" offset="0" size="24" />
                    <output><port id="0" precision="FP32"><dim>3</dim><dim>2</dim><dim>1</dim><dim>1</dim></port></output>
                </layer>
                <layer id="2" name="conv" type="Convolution" version="opset1">
                    <data strides="1,1" dilations="1,1" pads_begin="0,0" pads_end="0,0" auto_pad="explicit" />
                    <input>
                        <port id="0" precision="FP32"><dim>1</dim><dim>2</dim><dim>4</dim><dim>4</dim></port>
                        <port id="1" precision="FP32"><dim>3</dim><dim>2</dim><dim>1</dim><dim>1</dim></port>
                    </input>
                    <output><port id="2" precision="FP32"><dim>1</dim><dim>3</dim><dim>4</dim><dim>4</dim></port></output>
                </layer>
                <layer id="3" name="bias" type="Const" version="opset1">
                    <data element_type="f32" shape="1,3,1,1" offset="24" size="12" />
                    <output><port id="0" precision="FP32"><dim>1</dim><dim>3</dim><dim>1</dim><dim>1</dim></port></output>
                </layer>
                <layer id="4" name="sum" type="Add" version="opset1">
                    <data auto_broadcast="numpy" />
                    <input>
                        <port id="0" precision="FP32"><dim>1</dim><dim>3</dim><dim>4</dim><dim>4</dim></port>
                        <port id="1" precision="FP32"><dim>1</dim><dim>3</dim><dim>1</dim><dim>1</dim></port>
                    </input>
                    <output><port id="2" precision="FP32"><dim>1</dim><dim>3</dim><dim>4</dim><dim>4</dim></port></output>
                </layer>
                <layer id="5" name="relu" type="ReLU" version="opset1">
                    <input><port id="0" precision="FP32"><dim>1</dim><dim>3</dim><dim>4</dim><dim>4</dim></port></input>
                    <output><port id="1" precision="FP32" names="out"><dim>1</dim><dim>3</dim><dim>4</dim><dim>4</dim></port></output>
                </layer>
                <layer id="6" name="result" type="Result" version="opset1">
                    <input><port id="0" precision="FP32"><dim>1</dim><dim>3</dim><dim>4</dim><dim>4</dim></port></input>
                </layer>
            </layers>
            <edges>
                <edge from-layer="0" from-port="0" to-layer="2" to-port="0" />
                <edge from-layer="1" from-port="0" to-layer="2" to-port="1" />
                <edge from-layer="2" from-port="2" to-layer="4" to-port="0" />
                <edge from-layer="3" from-port="0" to-layer="4" to-port="1" />
                <edge from-layer="4" from-port="2" to-layer="5" to-port="0" />
                <edge from-layer="5" from-port="1" to-layer="6" to-port="0" />
            </edges>
        </net>
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-");

    public TinyModel(string? xml = Text, byte[]? weights = null)
    {
        if (xml is not null)
            File.WriteAllText(Xml, xml);
        File.WriteAllBytes(Bin, weights ?? Weights);
    }

    /// <summary>Nine floats: six weights 1 to 6, three biases 7 to 9.</summary>
    public static byte[] Weights => MemoryMarshal.AsBytes<float>([1, 2, 3, 4, 5, 6, 7, 8, 9]).ToArray();

    public string Xml => Path.Combine(_folder.FullName, "tiny.xml");

    public string Bin => Path.Combine(_folder.FullName, "tiny.bin");

    public void Dispose() => _folder.Delete(recursive: true);
}
