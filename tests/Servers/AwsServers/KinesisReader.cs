using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeInference.TestServers;

/// <summary>Makes streams on a test server and reads what is in them. The servers look at the form of a signature, not at its value.</summary>
internal sealed class KinesisReader(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address };

    public async Task CreateStreamAsync(string name, int shards = 1)
    {
        await CallAsync("CreateStream", new JsonObject { ["StreamName"] = name, ["ShardCount"] = shards });
        for (int i = 0; ; i++)
        {
            JsonNode description = await CallAsync("DescribeStream", new JsonObject { ["StreamName"] = name });
            if (description["StreamDescription"]!["StreamStatus"]!.GetValue<string>() == "ACTIVE")
                return;
            if (i == 10_000)
                throw new InvalidOperationException($"Stream {name} does not become active.");
        }
    }

    /// <summary>All records, shard by shard, in the order of each shard.</summary>
    public async Task<IReadOnlyList<KinesisRecord>> ReadAsync(string name)
    {
        JsonNode description = await CallAsync("DescribeStream", new JsonObject { ["StreamName"] = name });
        var records = new List<KinesisRecord>();
        foreach (JsonNode? shard in description["StreamDescription"]!["Shards"]!.AsArray())
        {
            string id = shard!["ShardId"]!.GetValue<string>();
            JsonNode start = await CallAsync(
                "GetShardIterator", new JsonObject { ["StreamName"] = name, ["ShardId"] = id, ["ShardIteratorType"] = "TRIM_HORIZON" });
            string? iterator = start["ShardIterator"]!.GetValue<string>();
            for (int empty = 0; iterator is not null && empty < 2;)
            {
                JsonNode page = await CallAsync("GetRecords", new JsonObject { ["ShardIterator"] = iterator });
                JsonArray list = page["Records"]!.AsArray();
                empty = list.Count == 0 ? empty + 1 : 0;
                records.AddRange(list.Select(record => new KinesisRecord(
                    id, record!["PartitionKey"]!.GetValue<string>(), Convert.FromBase64String(record["Data"]!.GetValue<string>()))));
                iterator = page["NextShardIterator"]?.GetValue<string>();
            }
        }

        return records;
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> CallAsync(string operation, JsonObject input)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Content = new StringContent(input.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/x-amz-json-1.1")),
        };
        request.Headers.Add("X-Amz-Target", $"Kinesis_20131202.{operation}");
        request.Headers.Add("X-Amz-Date", "20260101T000000Z");
        request.Headers.TryAddWithoutValidation(
            "Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0");
        using HttpResponseMessage response = await _http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{operation}: {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text, documentOptions: new JsonDocumentOptions())!;
    }
}

internal sealed record KinesisRecord(string Shard, string PartitionKey, byte[] Data);
