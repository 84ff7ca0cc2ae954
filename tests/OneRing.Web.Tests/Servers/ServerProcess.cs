using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OneRing.Web.Tests.Servers;

/// <summary>The built server as a process of its own, as an operator starts it.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process process;
    private readonly TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> lines = [];

    private ServerProcess(string[] arguments, (string Name, string? Value)[] settings, string? folder = null)
    {
        folder ??= AppContext.BaseDirectory;
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "OneRing.Web.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Whatever the machine has configured is not for tests.
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToList())
        {
            start.Environment.Remove(name);
        }
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException($"The server ended before it listened:\n{Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Everything it has said so far.</summary>
    public string Output
    {
        get
        {
            lock (lines)
            {
                return string.Join('\n', lines);
            }
        }
    }

    /// <summary>Starts a server and waits until it listens, on a free port unless one is given.</summary>
    public static async Task<ServerProcess> StartAsync(string connectionString, int port = 0, params (string Name, string? Value)[] settings)
    {
        if (port > 0)
        {
            return await StartAtAsync(connectionString, port, settings);
        }
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartAtAsync(connectionString, FreePort.Find(), settings);
            }
            catch (InvalidOperationException taken) when (attempt < 10 && taken.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
            {
                // Somebody took the port between our look and the server's.
            }
        }
    }

    /// <summary>Starts a server that was built elsewhere, at this port.</summary>
    /// <param name="folder">Where it was built; null for this build.</param>
    public static async Task<ServerProcess> StartAtAsync(string connectionString, int port, (string Name, string? Value)[] settings, string? folder = null)
    {
        var server = new ServerProcess(["--urls", $"http://127.0.0.1:{port}"], [("ConnectionStrings__OneRing", connectionString), .. settings], folder);
        try
        {
            server.Address = await server.listening.Task.WaitAsync(Patience);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command, or a server that is expected not to start, to its end.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(string[] arguments, params (string Name, string? Value)[] settings) => RunAtAsync(folder: null, arguments, settings);

    /// <summary>The same with a server that was built elsewhere.</summary>
    public static async Task<(int ExitCode, string Output)> RunAtAsync(string? folder, string[] arguments, params (string Name, string? Value)[] settings)
    {
        await using var server = new ServerProcess(arguments, settings, folder);
        // Observed here or nowhere: a command never listens.
        _ = server.listening.Task.Exception;
        return (await server.EndAsync(), server.Output);
    }

    /// <summary>How much memory it holds at present, in bytes.</summary>
    public long Memory
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => process.HasExited;

    /// <summary>Tells it to stop, as an operator's <c>kill</c> does, and does not wait.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {process.Id}")]);
        kill.WaitForExit();
    }

    /// <summary>Waits until it has ended by itself, and answers its exit code.</summary>
    public async Task<int> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    /// <summary>Ends it as a power cut would, and answers when that was.</summary>
    public async Task<DateTimeOffset> KillAsync()
    {
        // It has no children, and to look for some takes long enough for it to save more.
        process.Kill();
        var at = DateTimeOffset.UtcNow;
        await process.WaitForExitAsync().WaitAsync(Patience);
        return at;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }
        process.Dispose();
    }

    private static bool IsOurs(string name) =>
        name == "DATABASE_URL" || name.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("OneRing__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("DOTNET_ENVIRONMENT", StringComparison.OrdinalIgnoreCase);

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (lines)
        {
            lines.Add(line);
        }
        if (AddressLine().Match(line) is { Success: true } match)
        {
            listening.TrySetResult(new Uri(match.Groups["url"].Value));
        }
    }

    [GeneratedRegex(@"OneRing is at (?<url>http://[0-9.:]+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AddressLine();
}
