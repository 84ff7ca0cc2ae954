using OneRing.Data;
using OneRing.Data.Accounts;

namespace OneRing.Web.Endpoints;

/// <summary>Who the token's owner is.</summary>
internal static class MeEndpoints
{
    public static void MapMe(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/me", async (Caller caller, AccountService accounts, CancellationToken cancellationToken) =>
                await accounts.FindAsync(caller.UserId, cancellationToken) is { } me
                    ? Results.Ok(new MeAnswer(new ApiAccount(me.UserId, me.Handle, me.Name)))
                    : ApiProblem.For(Refusal.NotFound))
            .Describe<MeAnswer>("GetMe", "Who you are", "Accounts")
            .Example(body: null, new MeAnswer(new ApiAccount("ana", "ana", "Ana")));

    internal sealed record MeAnswer(ApiAccount Data);

    internal sealed record ApiAccount(string UserId, string Handle, string DisplayName);
}
