using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using OneRing.Data;
using OneRing.Web.Users;

namespace OneRing.Web.Endpoints;

/// <summary>Who calls: the owner of the token, and nobody whom the request names.</summary>
internal sealed record Caller(string UserId)
{
    public static ValueTask<Caller?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<Caller?>(new Caller(
            CurrentUser.IdOf(context.User) ?? throw new InvalidOperationException("An endpoint of the API was reached without a token.")));
}

/// <summary>An id in an address. What is no GUID is the id of nothing, so that the answer is "not found", in its turn.</summary>
internal readonly record struct RouteId(Guid Value)
{
    public static bool TryParse(string? text, out RouteId id)
    {
        id = new RouteId(Guid.TryParseExact(text, "D", out var value) ? value : Guid.Empty);
        return true;
    }
}

/// <summary>How many things a page of a list has: 1 to 100.</summary>
internal readonly record struct Limit(int Value)
{
    public const int Most = 100;
    public const int Usual = 20;

    public static bool TryParse(string? text, out Limit limit)
    {
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        limit = new Limit(value);
        return isNumber && value is >= 1 and <= Most;
    }
}

/// <summary>An instant: ISO 8601 with an offset, or Z.</summary>
internal readonly record struct Instant(DateTimeOffset Value)
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm'Z'"];

    public static bool TryParse(string? text, out Instant instant)
    {
        // A plus sign that was not encoded arrives as a space.
        var isInstant = DateTimeOffset.TryParseExact(
            text?.Replace(' ', '+'), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var value);
        instant = new Instant(value);
        return isInstant;
    }
}

/// <summary>One of the values of an enum, by its name in snake case.</summary>
internal readonly record struct Choice<TEnum>(TEnum Value)
    where TEnum : struct, Enum
{
    public static bool TryParse(string? text, out Choice<TEnum> choice)
    {
        var isName = EnumNames.TryValueOf<TEnum>(text, out var value);
        choice = new Choice<TEnum>(value);
        return isName;
    }
}

/// <summary>The body of a request, read as JSON. It was measured and its type was looked at before.</summary>
internal sealed class Body<T>(T value) : IEndpointParameterMetadataProvider
    where T : class
{
    public T Value => value;

    public static async ValueTask<Body<T>?> BindAsync(HttpContext context)
    {
        try
        {
            var json = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            // No body is an object without members: enough where none is required.
            var isEmpty = context.Request.Body is not MemoryStream { Length: > 0 };
            return (isEmpty ? JsonSerializer.Deserialize<T>("{}", json) : await JsonSerializer.DeserializeAsync<T>(context.Request.Body, json, context.RequestAborted)) is { } value
                ? new Body<T>(value)
                : throw new UnreadableRequestException("The body of this request is a JSON object, not null.");
        }
        catch (JsonException unreadable)
        {
            var place = unreadable.Path is { Length: > 1 and <= 100 } path ? $" Look at {path}." : "";
            throw new UnreadableRequestException($"The body is not the JSON that is read here: a member is missing, or of the wrong kind.{place}");
        }
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T)));
}

/// <summary>The key that makes a retry harmless: in the header, in the body, or the same in both.</summary>
internal sealed record IdempotencyKeyHeader(string? Value)
{
    public const string Name = "Idempotency-Key";

    public static ValueTask<IdempotencyKeyHeader?> BindAsync(HttpContext context) => context.Request.Headers[Name] switch
    {
        [] => ValueTask.FromResult<IdempotencyKeyHeader?>(new IdempotencyKeyHeader(Value: null)),
        [var key] => ValueTask.FromResult<IdempotencyKeyHeader?>(new IdempotencyKeyHeader(key)),
        _ => throw new UnreadableRequestException($"{Name} stands here more than once."),
    };

    /// <summary>The key of the request; null when it has none.</summary>
    public string? With(string? inBody) =>
        Value is null || inBody is null || Value == inBody
            ? Value ?? inBody
            : throw new UnreadableRequestException($"{Name} and idempotency_key differ. Send one of them, or the same in both.");

    /// <summary>The key of a request that must have one.</summary>
    public string Require(string? inBody) =>
        With(inBody) ?? throw new UnreadableRequestException($"Send an idempotency_key of your making, or {Name} as a header, so that a retry is harmless.");
}
