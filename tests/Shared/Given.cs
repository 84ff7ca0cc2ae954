using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Tests;

/// <summary>Starting points for tests. Each makes its own people and drafts, so that no test disturbs another.</summary>
public static class Given
{
    public static string NewKey() => Command.NewKey();

    /// <summary>A person with an account. The name is what others see; the id is new.</summary>
    public static async Task<string> APersonAsync(this IServiceProvider services, string name = "Somebody", bool isAdmin = false, string? password = null)
    {
        var handle = $"{name.ToLowerInvariant()[..Math.Min(name.Length, 12)].Replace(' ', '_')}_{Guid.NewGuid():N}"[..25];
        return Succeed(await services.GetRequiredService<AccountService>().SignUpAsync(new SignUp(handle, name, password, isAdmin)));
    }

    public static async Task<string> HandleOfAsync(this IServiceProvider services, string userId) =>
        (await services.GetRequiredService<AccountService>().FindAsync(userId))!.Handle;

    /// <summary>A draft that Ana has just started: she owns it and holds its ring; Ben writes too, Cleo reads, Dan has no part in it.</summary>
    public static async Task<ADraft> ADraftHeldByAnaAsync(this IServiceProvider services, Platform platform = Platform.Story, string title = "A draft")
    {
        var (ana, ben) = (await services.APersonAsync("Ana"), await services.APersonAsync("Ben"));
        var (cleo, dan) = (await services.APersonAsync("Cleo"), await services.APersonAsync("Dan"));
        var id = Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ana, title, platform)));
        await services.AddAsync(id, ana, ben, Role.Writer);
        await services.AddAsync(id, ana, cleo, Role.Reader);
        return new ADraft(id, ana, ben, cleo, dan);
    }

    public static async Task AddAsync(this IServiceProvider services, Guid draftId, string ownerId, string userId, Role role) =>
        Succeed(await services.GetRequiredService<CollaboratorService>()
            .AddAsync(new AddCollaborator(ownerId, draftId, await services.HandleOfAsync(userId), role)));

    public static async Task<Appended> AppendAsync(this IServiceProvider services, Guid draftId, string userId, string content) =>
        Succeed(await services.GetRequiredService<RingService>().AppendAsync(new AppendSegment(userId, draftId, content, NewKey())));

    public static async Task<RingPass> PassAsync(this IServiceProvider services, Guid draftId, string fromId, string toId) =>
        Succeed(await services.GetRequiredService<RingService>().PassAsync(new PassRing(fromId, draftId, toId, NewKey())));

    /// <summary>The draft with all of its text.</summary>
    public static async Task<DraftView> ReadAsync(this IServiceProvider services, Guid draftId, string userId) =>
        (await services.GetRequiredService<DraftService>().FindAsync(draftId, userId, SegmentChoice.All, now: null))?.Draft
        ?? throw new InvalidOperationException("This person may not read this draft.");

    public static T Succeed<T>(Result<T> result) =>
        result.Succeeded ? result.Value : throw new InvalidOperationException($"It was refused: {result.Refusal}.");
}

/// <summary>A draft, and the ids of people around it.</summary>
public sealed record ADraft(Guid Id, string Ana, string Ben, string Cleo, string Dan);
