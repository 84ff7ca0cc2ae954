using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;

namespace OneRing.Bench;

/// <summary>Somebody who writes over HTTP with a token of their own, on one connection. What is not answered with success throws.</summary>
internal sealed class HttpPerson : IDisposable
{
    private readonly HttpClient http;

    private HttpPerson(string userId, Uri address, string token)
    {
        UserId = userId;
        http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public string UserId { get; }

    public static async Task<HttpPerson> SignUpAsync(IServiceProvider services, Uri address, string name)
    {
        var request = new SignUp($"p_{Guid.NewGuid():N}"[..20], name, Password: null);
        return await OfAsync(services, address, Operations.Succeed(await services.GetRequiredService<AccountService>().SignUpAsync(request)));
    }

    public static async Task<HttpPerson> OfAsync(IServiceProvider services, Uri address, string userId)
    {
        var made = await services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(userId, "A benchmark"));
        return new HttpPerson(userId, address, Operations.Succeed(made).Secret);
    }

    public async Task<Guid> CreateAsync(string title)
    {
        using var answer = await SendAsync("/v1/collab/drafts", new { title, idempotency_key = Command.NewKey() });
        return answer.RootElement.GetProperty("data").GetProperty("draft_id").GetGuid();
    }

    public async Task AddAsync(Guid draftId, string userId) =>
        (await SendAsync($"/v1/collab/drafts/{draftId}/collaborators?segments=none", new { user_id = userId, role = "writer" })).Dispose();

    public async Task AppendAsync(Guid draftId, string content) =>
        (await SendAsync($"/v1/collab/drafts/{draftId}/segments?segments=none", new { content, idempotency_key = Command.NewKey() })).Dispose();

    public async Task PassAsync(Guid draftId, string toUserId) =>
        (await SendAsync($"/v1/collab/drafts/{draftId}/pass-ring?segments=none", new { to_user_id = toUserId, idempotency_key = Command.NewKey() })).Dispose();

    /// <summary>The texts of the segments, in order.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(Guid draftId)
    {
        using var answer = await GetAsync($"/v1/collab/drafts/{draftId}");
        return [.. answer.RootElement.GetProperty("data").GetProperty("segments").EnumerateArray().Select(segment => segment.GetProperty("content").GetString()!)];
    }

    public async Task ReadAnalyticsAsync(Guid draftId) => (await GetAsync($"/v1/collab/drafts/{draftId}/analytics")).Dispose();

    public void Dispose() => http.Dispose();

    private async Task<JsonDocument> SendAsync(string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        return await ReadAsync(answer);
    }

    private async Task<JsonDocument> GetAsync(string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(answer);
    }

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage answer) =>
        answer.IsSuccessStatusCode
            ? await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync())
            : throw new InvalidOperationException($"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
}
