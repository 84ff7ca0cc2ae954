using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Accounts;

namespace OneRing.Web.Tests.Servers;

/// <summary>A program that calls the API: with a person's token, or without any.</summary>
internal sealed class ApiClient(HttpClient client, string? token)
{
    public string? Token => token;

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, body: null, headers);

    public Task<Answer> PostAsync(string path, object? body = null, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, path, body, headers);

    /// <summary>Sends a request. A body that is text is sent as it is, another one as JSON.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var content = body switch
        {
            null => null,
            HttpContent given => given,
            string text => new StringContent(text, Encoding.UTF8, "application/json"),
            _ => new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        };
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var answer = await client.SendAsync(request);
        var read = answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer(answer.StatusCode, read, await answer.Content.ReadAsStringAsync());
    }
}

/// <summary>What the API answered.</summary>
internal sealed record Answer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public JsonNode Data => Json["data"]!;

    /// <summary>Status and code in one: <c>404 not_found</c>; for a success only the status.</summary>
    public string Outcome => (int)Status < 400 ? $"{(int)Status}" : $"{(int)Status} {(string?)Json["error"]?["code"]}";

    /// <summary>The answer, which must be a success.</summary>
    public Answer Succeed()
    {
        Assert.True((int)Status is >= 200 and < 300, $"{(int)Status}: {Text}");
        return this;
    }
}

internal static class ApiClients
{
    /// <summary>A program of this person. Where there are as many tokens as may be, because tests share the person, the oldest goes.</summary>
    public static async Task<ApiClient> CallAsync(this Site site, string userId)
    {
        var tokens = site.Services.GetRequiredService<AccessTokenService>();
        var made = await tokens.CreateAsync(new NewAccessToken(userId, "A test"));
        if (made.Refusal == Refusal.TooManyTokens)
        {
            Given.Succeed(await tokens.RevokeAsync(userId, (await tokens.ListAsync(userId))[^1].Id));
            made = await tokens.CreateAsync(new NewAccessToken(userId, "A test"));
        }
        return new ApiClient(site.Visit().Client, Given.Succeed(made).Secret);
    }

    /// <summary>A program with this token, or with none.</summary>
    public static ApiClient CallWith(this Site site, string? token) => new(site.Visit().Client, token);
}
