using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests;

/// <summary>Sessions while the clock of the server jumps.</summary>
public sealed class SessionCookieTests
{
    private const string Password = "a lamp that would not sleep";

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(24)]
    [InlineData(24 * 20)]
    public async Task A_session_that_began_while_the_clock_was_wrong_goes_on_and_ends_when_its_person_ends_it(int hoursAhead)
    {
        var clock = new ShiftedClock { Shift = TimeSpan.FromHours(hoursAhead) };
        await using var made = new OneRingServer();
        await using var server = made.WithWebHostBuilder(builder => builder.ConfigureServices(services => services.AddSingleton<TimeProvider>(clock)));
        var userId = await server.Services.APersonAsync("Ana", password: Password);
        var visitor = new Visitor(server.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false }));
        Assert.Equal("/", (await visitor.SignInAsync(await server.Services.HandleOfAsync(userId), Password)).RedirectsTo);

        clock.Shift = TimeSpan.Zero;
        Assert.True((await visitor.OpenAsync("/")).IsSignedIn);
        Assert.True((await visitor.OpenAsync("/")).IsSignedIn);
        Given.Succeed(await server.Services.GetRequiredService<SecurityService>().SignOutEverywhereAsync(userId));

        await Task.Delay(TimeSpan.FromSeconds(1.5)); // So long a cookie is believed without asking.
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.OpenAsync("/account")).Status);
    }

    [Fact]
    public async Task A_session_ends_after_ninety_days_however_often_it_is_used_and_whatever_is_changed_meanwhile()
    {
        var clock = new ShiftedClock();
        await using var made = new OneRingServer();
        await using var server = made.WithWebHostBuilder(builder => builder.ConfigureServices(services => services.AddSingleton<TimeProvider>(clock)));
        var handle = await server.Services.HandleOfAsync(await server.Services.APersonAsync("Ana", password: Password));
        var visitor = new Visitor(server.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false }));
        await visitor.SignInAsync(handle, Password);

        for (var days = 10; days < 90; days += 10)
        {
            clock.Shift = TimeSpan.FromDays(days);
            Assert.True((await visitor.OpenAsync("/")).IsSignedIn, $"after {days} days");
        }
        Assert.Equal("/account/security?done=everywhere", (await visitor.PressAsync(await visitor.OpenAsync("/account/security"), "Sign out everywhere else")).RedirectsTo);
        clock.Shift = TimeSpan.FromDays(90) - TimeSpan.FromMinutes(10);
        Assert.True((await visitor.OpenAsync("/")).IsSignedIn);

        clock.Shift = TimeSpan.FromDays(90);
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.OpenAsync("/account")).Status);
        Assert.False((await visitor.OpenAsync("/")).IsSignedIn);

        await visitor.SignInAsync(handle, Password);
        Assert.True((await visitor.OpenAsync("/")).IsSignedIn);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "/account")]
    public async Task Whoever_is_led_to_the_sign_in_page_is_looked_up_however_lately_that_was(bool isAlive, string? redirectsTo)
    {
        await using var made = new OneRingServer();
        await using var server = made.WithWebHostBuilder(builder => builder.ConfigureServices(services =>
            services.PostConfigure<SecurityStampValidatorOptions>(stamp => stamp.ValidationInterval = TimeSpan.FromHours(1))));
        var userId = await server.Services.APersonAsync("Ana", password: Password);
        var visitor = new Visitor(server.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false }));
        await visitor.SignInAsync(await server.Services.HandleOfAsync(userId), Password);
        if (!isAlive)
        {
            Given.Succeed(await server.Services.GetRequiredService<SecurityService>().SignOutEverywhereAsync(userId));
            Assert.True((await visitor.OpenAsync("/?ended=true")).IsSignedIn);
        }

        Assert.Equal(redirectsTo, (await visitor.OpenAsync("/account/sign-in?ended=true&returnUrl=/account")).RedirectsTo);
        Assert.Equal(isAlive, (await visitor.OpenAsync("/")).IsSignedIn);
    }

    [Fact]
    public async Task An_open_page_keeps_nothing_of_the_look_at_its_session()
    {
        var asked = 0;
        await using var made = new OneRingServer();
        await using var server = made.WithWebHostBuilder(builder => builder.ConfigureServices(services => services.AddScoped<IUserConfirmation<User>>(provider =>
        {
            // Whoever signs people in asks for this, and for a database. What is asked for in the scope of a request is kept as long as the request, and a page's connection is one.
            asked += ReferenceEquals(provider, provider.GetRequiredService<IHttpContextAccessor>().HttpContext?.RequestServices) ? 1 : 0;
            return new DefaultUserConfirmation<User>();
        })));
        var handle = await server.Services.HandleOfAsync(await server.Services.APersonAsync("Ana", password: Password));
        var visitor = new Visitor(server.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false }));
        await visitor.SignInAsync(handle, Password);
        Assert.NotEqual(0, asked);

        await Task.Delay(TimeSpan.FromSeconds(1.5)); // So long a cookie is believed without asking.
        asked = 0;
        Assert.True((await visitor.OpenAsync("/")).IsSignedIn);
        Assert.Equal(0, asked);
    }

    /// <summary>A clock that goes on as the system's does, and is wrong by so much.</summary>
    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
    }
}
