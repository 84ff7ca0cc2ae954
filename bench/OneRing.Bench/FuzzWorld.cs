using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace OneRing.Bench;

/// <summary>What requests are made of: the operations that the server describes, ids and tokens that are real, and values that are not what was asked for.</summary>
internal sealed class FuzzWorld
{
    private const int Drafts = 40;
    private const int LongestShown = 1_500;

    /// <summary>After these there is little left to do on a draft, so they are tried less often.</summary>
    private static readonly string[] Ends = ["complete", "lock", "DELETE", "reclaim"];

    private static readonly string[] OddTexts =
    [
        "", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\u202e\u0000", "𝒳\u0301\u200d", "null", "true", "NaN", "-1", "99999999999999999999", "1e400", "0x10", "../../etc/passwd", "..%2f", "%00", "%", "%ZZ", "%c0%af",
        "'; DROP TABLE drafts; --", "' OR 1=1 --", "$1", "{0}", "%s%n", "{{7*7}}", "<script>alert(1)</script>", "\r\nX-Forged: 1", "\u2028", "@", "@@ana", "@ana", "2026-01-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999+14:00",
        "2026-02-30T00:00:00Z", "00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}", new('x', 201), new('é', 20_001), new('a', 300_000),
    ];

    private readonly List<Operation> operations = [];
    private readonly List<string> draftIds = [];
    private readonly List<string> inviteIds = [];
    private readonly List<string> userIds = [];
    private IReadOnlyDictionary<string, string> tokens = new Dictionary<string, string>(StringComparer.Ordinal);
    private JsonObject description = [];

    private FuzzWorld()
    {
    }

    /// <summary>Reads what the server describes, and fills it: Ana and Ben write many drafts together. Cleo may be asked into them; Dan has no part in any.</summary>
    public static async Task<FuzzWorld> MakeAsync(HttpClient client, IReadOnlyDictionary<string, string> tokens, string secret)
    {
        var world = new FuzzWorld { tokens = tokens, description = (await client.GetFromJsonAsync<JsonObject>(new Uri("/openapi/v1.json", UriKind.Relative)))! };
        foreach (var (path, methods) in world.description["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject().Where(entry => entry.Value is JsonObject described && described.ContainsKey("responses")))
            {
                var schema = operation!["requestBody"]?["content"]?["application/json"]?["schema"]?.AsObject();
                var query = operation["parameters"]?.AsArray().Where(parameter => (string?)parameter!["in"] == "query").Select(parameter => (string)parameter!["name"]!).ToList() ?? [];
                world.operations.Add(new Operation(method.ToUpperInvariant(), path, schema, query));
            }
        }

        // Nobody asks Dan in: he is named nowhere.
        foreach (var handle in (string[])["ana", "ben", "cleo"])
        {
            world.userIds.Add((string)(await SendAsync(client, tokens[handle], HttpMethod.Get, "/v1/me", body: null))["data"]!["user_id"]!);
        }
        for (var i = 0; i < Drafts; i++)
        {
            var made = await SendAsync(client, tokens["ana"], HttpMethod.Post, "/v1/collab/drafts", new { title = $"{secret} {i}", initial_segment = secret });
            var id = (string)made["data"]!["draft_id"]!;
            world.draftIds.Add(id);
            await SendAsync(client, tokens["ana"], HttpMethod.Post, $"/v1/collab/drafts/{id}/collaborators", new { user_id = "@ben", role = "writer" });
            if (i < 20)
            {
                world.inviteIds.Add((string)(await SendAsync(client, tokens["ana"], HttpMethod.Post, $"/v1/collab/drafts/{id}/invites", new { role = "reader" }))["data"]!["invite_id"]!);
            }
        }
        return world;
    }

    /// <summary>A request, the same one for the same random numbers.</summary>
    public FuzzRequest Request(Random random)
    {
        Operation operation;
        do
        {
            operation = Pick(random, operations);
        }
        while (random.Next(20) != 0 && Ends.Any(end => operation.Path.EndsWith(end, StringComparison.Ordinal) || operation.Method == end));

        // One in three is right, one in three has one fault, the rest have many.
        var fault = random.Next(3) switch { 0 => 0.0, 1 => 0.15, _ => 0.6 };
        var caller = random.NextDouble() < 0.7 ? Pick(random, ["ana", "ben"]) : Pick(random, ["cleo", "dan", "dan", "nobody", "forged"]);
        var path = new StringBuilder(string.Join('/', operation.Path.Split('/').Select(part => part is ['{', ..] ? Uri.EscapeDataString(PathValue(random, operation.Path, part, fault)) : part)));
        var separator = '?';
        foreach (var name in operation.Query.Where(_ => random.Next(3) == 0))
        {
            path.Append(CultureInfo.InvariantCulture, $"{separator}{name}={Uri.EscapeDataString(Shown(random.NextDouble() < fault ? OddText(random) : QueryValue(random, name)))}");
            separator = '&';
        }

        byte[]? body = null;
        if (operation.Schema is { } schema)
        {
            var json = Json(random, Value(random, schema, "", fault));
            body = random.NextDouble() < fault ? Mutated(random, json) : json;
        }
        else if (random.NextDouble() < fault)
        {
            body = Encoding.UTF8.GetBytes(OddText(random));
        }
        List<(string, string)> headers = [];
        if (random.NextDouble() < fault / 2)
        {
            headers.Add((Pick(random, ["x-request-id", "Idempotency-Key", "If-None-Match", "Accept", "Accept-Encoding", "X-Forwarded-For", "X-HTTP-Method-Override", "Cookie", "Origin", "Range"]), InOneLine(OddText(random))));
        }
        return new FuzzRequest(
            random.NextDouble() < fault / 10 ? Pick(random, ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"]) : operation.Method,
            path.ToString(),
            caller == "forged" ? InOneLine(OddText(random)) : tokens.GetValueOrDefault(caller),
            body,
            random.NextDouble() < fault / 4 ? Pick(random, ["text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "/"]) : "application/json",
            headers,
            caller is not ("ana" or "ben" or "cleo"));
    }

    private string PathValue(Random random, string path, string name, double fault)
    {
        if (random.NextDouble() < fault / 2)
        {
            return Shown(OddText(random)) is { Length: > 0 and < 2000 } odd ? odd : "x";
        }
        return name == "{user_id}" ? Pick(random, userIds) : Pick(random, path.Contains("/invites/{id}", StringComparison.Ordinal) ? inviteIds : draftIds);
    }

    private string QueryValue(Random random, string name) => name switch
    {
        "limit" or "days" => $"{random.Next(1, 91)}",
        "segments" => Pick(random, ["all", "last", "none"]),
        "format" => Pick(random, ["md", "txt", "json"]),
        "metric" => Pick(random, ["collaboration", "momentum", "consistency"]),
        "now" or "from" or "to" => "2026-06-01T00:00:00Z",
        "draft_id" => Pick(random, draftIds),
        "actor_id" => Pick(random, userIds),
        "authors" => "true",
        _ => "a",
    };

    /// <summary>A value for a schema, wrong with the given likelihood at each place.</summary>
    private JsonNode? Value(Random random, JsonObject schema, string name, double fault)
    {
        if (name.Length > 0 && random.NextDouble() < fault / 3)
        {
            return Odd(random, depth: 3);
        }
        if ((string?)schema["$ref"] is { } reference)
        {
            return Value(random, description["components"]!["schemas"]![reference.Split('/')[^1]]!.AsObject(), name, fault);
        }
        foreach (var choice in (string[])["oneOf", "anyOf", "allOf"])
        {
            if (schema[choice] is JsonArray { Count: > 0 } choices)
            {
                return Value(random, choices[random.Next(choices.Count)]!.AsObject(), name, fault);
            }
        }
        if (schema["enum"] is JsonArray { Count: > 0 } values)
        {
            return values[random.Next(values.Count)]?.DeepClone();
        }

        var types = schema["type"] is JsonArray several ? several.Select(type => (string)type!).ToList() : [(string?)schema["type"] ?? "object"];
        switch (types.First(type => type != "null" || types.Count == 1))
        {
            case "object":
                var made = new JsonObject();
                var required = schema["required"]?.AsArray().Select(one => (string)one!).ToHashSet(StringComparer.Ordinal) ?? [];
                foreach (var (property, inner) in schema["properties"]?.AsObject() ?? [])
                {
                    // A turn that was said is nearly always a wrong one.
                    if (required.Contains(property) ? random.NextDouble() >= fault / 3 : property != "turn" && random.Next(3) == 0)
                    {
                        made[property] = Value(random, inner!.AsObject(), property, fault);
                    }
                }
                if (random.NextDouble() < fault)
                {
                    made[Pick(random, ["holder_id", "user_id", "is_admin", "__proto__", "$type", "id", "x"])] = Odd(random, depth: 2);
                }
                return made;
            case "array":
                return new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, schema["items"]!.AsObject(), name, fault))]);
            case "integer" or "number":
                return random.Next(1, 72);
            case "boolean":
                return random.Next(2) == 0;
            default:
                return Text(random, name);
        }
    }

    private string Text(Random random, string name) => name switch
    {
        "user_id" or "to_user_id" or "order" => random.Next(3) == 0 ? "@ben" : Pick(random, userIds),
        "handle" => Pick(random, ["ana", "ben", "cleo"]),
        "role" => Pick(random, ["reader", "writer"]),
        "platform" => Pick(random, ["story", "x"]),
        "strategy" => Pick(random, ["most_inactive", "round_robin", "back_to_creator"]),
        "on_expiry" => Pick(random, ["pass", "reclaim", "remind"]),
        "until" => "2030-01-01T00:00:00Z",
        "time_zone" => "Europe/Berlin",
        "idempotency_key" => $"key {random.Next(20_000)}",
        _ => $"words {random.Next(1000)}",
    };

    private static JsonNode? Odd(Random random, int depth) => random.Next(depth == 0 ? 6 : 9) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(Pick(random, [0, -1, int.MaxValue, int.MinValue, long.MaxValue, 1L << 40])),
        3 => JsonValue.Create(Pick(random, [0.5, -1e300, double.Epsilon, 1e18])),
        4 or 5 => JsonValue.Create(OddText(random)),
        6 => new JsonArray([.. Enumerable.Range(0, random.Next(5)).Select(_ => Odd(random, depth - 1))]),
        7 => new JsonObject { [Shown(OddText(random))] = Odd(random, depth - 1), ["a"] = Odd(random, depth - 1) },
        _ => new JsonObject(),
    };

    /// <summary>As it is sent: what no JSON can hold becomes the escape of it, which is worse.</summary>
    private static byte[] Json(Random random, JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        // A half of a pair, and NUL, as only an escape can say them.
        return Encoding.UTF8.GetBytes(random.Next(30) == 0 ? text.Replace("words", Pick(random, ["\\ud800", "\\u0000", "\\udc00x"]), StringComparison.Ordinal) : text);
    }

    private static byte[] Mutated(Random random, byte[] json)
    {
        switch (random.Next(6))
        {
            case 0:
                return json[..random.Next(json.Length)];
            case 1:
                var changed = (byte[])json.Clone();
                for (var i = 0; i < 3; i++)
                {
                    changed[random.Next(changed.Length)] = (byte)random.Next(256);
                }
                return changed;
            case 2:
                return Encoding.UTF8.GetBytes(new string('[', 5_000));
            case 3:
                return [.. json, .. json];
            case 4:
                var noise = new byte[random.Next(200)];
                random.NextBytes(noise);
                return noise;
            default:
                return [0xEF, 0xBB, 0xBF, .. json];
        }
    }

    private static string OddText(Random random) => Pick(random, OddTexts);

    /// <summary>Its beginning, without halves of pairs, which no address can hold.</summary>
    private static string Shown(string text) => string.Concat(text[..Math.Min(text.Length, LongestShown)].EnumerateRunes());

    private static string InOneLine(string text) => new([.. Shown(text).Where(c => c is >= ' ' and <= '~').Take(4000)]);

    private static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private static async Task<JsonNode> SendAsync(HttpClient client, string token, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await client.SendAsync(request);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private sealed record Operation(string Method, string Path, JsonObject? Schema, IReadOnlyList<string> Query);
}
