using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using OneRing.Data;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Web.Export;

namespace OneRing.Web.Endpoints;

/// <summary>The description of the API at /openapi/v1.json, made from the routes themselves.</summary>
internal static class OpenApiDescription
{
    private const string Bearer = "bearer";

    /// <summary>What the parameters mean, by name; and what they may be, where their type does not say it.</summary>
    private static readonly Dictionary<string, (string Words, Func<OpenApiSchema> Schema)> Parameters = new(StringComparer.Ordinal)
    {
        ["id"] = ("The id of the draft; below /invites, that of the invite.", Uuid),
        ["user_id"] = ("The id of a person, or @handle.", () => new OpenApiSchema { Type = JsonSchemaType.String }),
        ["segments"] = ("How much of the text the answer has. All of it by default.", Names<SegmentChoice>),
        ["filter"] = ("Which drafts. All by default.", Names<DraftFilter>),
        ["q"] = ("Part of a title, in any case.", () => new OpenApiSchema { Type = JsonSchemaType.String }),
        ["format"] = ("What kind of file. Markdown by default.", Names<ExportFormat>),
        ["authors"] = ("Whether the file names the authors. It does by default.", () => new OpenApiSchema { Type = JsonSchemaType.Boolean }),
        ["cursor"] = ("The next_cursor of the page before.", () => new OpenApiSchema { Type = JsonSchemaType.String }),
        ["limit"] = ($"How many at the most. {Limit.Usual} by default.", () => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Format = "int32",
            Minimum = "1",
            Maximum = Limit.Most.ToString(CultureInfo.InvariantCulture),
            Default = Limit.Usual,
        }),
        ["days"] = ($"For how many days to tell what happened on each. {AnalyticsEndpoints.Days.Usual} by default.", () => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Format = "int32",
            Minimum = "1",
            Maximum = DraftAnalyticsService.MostDays.ToString(CultureInfo.InvariantCulture),
            Default = AnalyticsEndpoints.Days.Usual,
        }),
        ["metric"] = ("What the leaderboard looks at. Collaboration by default.", Names<LeaderboardMetric>),
        ["from"] = ("Not before this instant. ISO 8601 with an offset.", Time),
        ["to"] = ("Before this instant. ISO 8601 with an offset.", Time),
        ["types"] = ($"Only these kinds, with commas between: {string.Join(", ", Enum.GetNames<EventType>())}.", () => new OpenApiSchema { Type = JsonSchemaType.String }),
        ["draft_id"] = ("Only what happened in this draft.", Uuid),
        ["actor_id"] = ("Only what this person did: an id.", () => new OpenApiSchema { Type = JsonSchemaType.String }),
        ["now"] = ("The instant at which the figures are taken: what happened later does not count. ISO 8601 with an offset. Now by default.", Time),
    };

    public static void AddOpenApiDescription(this IServiceCollection services) =>
        services.AddOpenApi("v1", options =>
        {
            // 3.0, because that is what generators of clients read best.
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;
            options.ShouldInclude = route => route.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true;
            // What stands in an address is described where it stands.
            options.CreateSchemaReferenceId = json =>
                IsParameter(json.Type) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(json);
            options.AddSchemaTransformer((schema, context, _) => Describe(schema, context));
            options.AddDocumentTransformer((document, _, _) => Describe(document));
            options.AddOperationTransformer((operation, context, _) => Describe(operation, context));
        });

    private static Task Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "OneRing",
            Version = "v1",
            Description = "People write one text together; the holder of its ring appends, then passes it on. Every error is a problem (RFC 9457) with a code that stays the same.",
        };
        // The address is that of whoever reads this.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = Bearer,
                Description = "An access token. You make one on your account page; it is shown once.",
            },
        };
        // An object that may be null: "one of these" would be right, but generators of clients want it said like this.
        foreach (var properties in (document.Components.Schemas?.Values ?? []).Select(schema => schema.Properties).OfType<IDictionary<string, IOpenApiSchema>>())
        {
            foreach (var (name, property) in properties.ToList())
            {
                if (property.OneOf is { Count: 2 } either && either.OfType<OpenApiSchemaReference>().SingleOrDefault() is { } reference)
                {
                    // One of some names may be absent where an object may be null: a class can be made from another, an enum cannot.
                    properties[name] = reference.Enum is { Count: > 0 }
                        ? reference
                        : new OpenApiSchema { Type = JsonSchemaType.Object | JsonSchemaType.Null, AllOf = [reference], Description = property.Description };
                }
            }
        }
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
        return Task.CompletedTask;
    }

    private static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        if (context.JsonTypeInfo.Type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
        }
        return Task.CompletedTask;
    }

    private static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var json = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var errors = metadata.OfType<ApiErrors>().Single().All;

        DescribeParameters(operation, metadata.OfType<MethodInfo>().Single());
        foreach (var (status, response) in operation.Responses ?? [])
        {
            ((OpenApiResponse)response).Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
            {
                [RequestIds.Header] = new OpenApiHeader { Description = "The name of the request, yours if you gave one.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
            };
            var own = errors.Where(error => error.Status.ToString(CultureInfo.InvariantCulture) == status).ToList();
            if (own.Count > 0 && response.Content?.TryGetValue(ApiProblem.ContentType, out var problem) == true)
            {
                response.Description = string.Join(" or ", own.Select(error => $"`{error.Code}`"));
                problem.Example = ToJson(ExampleOf(own[0], context.Description.RelativePath!), json);
            }
        }
        if (metadata.OfType<ApiExample>().SingleOrDefault() is { } example)
        {
            if (operation.RequestBody?.Content is { } bodies)
            {
                bodies["application/json"].Example = ToJson(example.Body, json);
            }
            operation.Responses!["200"].Content!["application/json"].Example = ToJson(example.Answer, json);
        }
        return Task.CompletedTask;
    }

    private static void DescribeParameters(OpenApiOperation operation, MethodInfo handler)
    {
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>())
        {
            if (parameter.Name is { } name && Parameters.TryGetValue(name, out var known))
            {
                (parameter.Description, parameter.Schema) = (known.Words, known.Schema());
            }
        }
        if (handler.GetParameters().Any(parameter => parameter.ParameterType == typeof(IdempotencyKeyHeader)))
        {
            operation.Parameters.Add(Header(IdempotencyKeyHeader.Name, "A key of your making: with the same key, the same request is carried out once. It may stand in the body instead, where there is a place for it."));
        }
        if (operation.Responses?.ContainsKey("304") == true)
        {
            operation.Parameters.Add(Header(HeaderNames.IfNoneMatch, "The ETag that you have. If the draft has not changed since, the answer is 304."));
        }
    }

    private static OpenApiParameter Header(string name, string words) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = words,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static ApiProblem ExampleOf(ApiError error, string path)
    {
        var refusals = Enum.GetValues<Refusal>().Where(refusal => RefusalProblems.For(refusal) == error).Select(RefusalText.For);
        var message = refusals.FirstOrDefault() ?? ApiError.OfStatus(error.Status).Message;
        return new ApiProblem(
            "about:blank", ReasonPhrases.GetReasonPhrase(error.Status), error.Status, message, $"/{path}",
            new ApiProblemError(error.Code, message, "0193a1b200007000800000000000000a"));
    }

    private static JsonNode? ToJson(object? value, JsonSerializerOptions json) => value is null ? null : JsonSerializer.SerializeToNode(value, value.GetType(), json);

    private static bool IsParameter(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is { IsValueType: true, IsEnum: false } value && value.Assembly == typeof(OpenApiDescription).Assembly;

    private static OpenApiSchema Uuid() => new() { Type = JsonSchemaType.String, Format = "uuid" };

    private static OpenApiSchema Time() => new() { Type = JsonSchemaType.String, Format = "date-time" };

    private static OpenApiSchema Names<TEnum>()
        where TEnum : struct, Enum => new()
        {
            Type = JsonSchemaType.String,
            Enum = [.. EnumNames.NamesOf<TEnum>().Select(name => (JsonNode)name)],
        };
}
