using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;

namespace OneRing.Tests.Databases;

/// <summary>A PostgreSQL server of our own, started from the installed binaries, with a data folder that goes when it goes.</summary>
public sealed class LocalPostgres : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Referenced until they are disposed: a collected janitor would take its standard input for closed, and stop the server.
    private static readonly ConcurrentDictionary<string, Process> Janitors = new(StringComparer.Ordinal);

    private readonly string binDirectory;
    private readonly IReadOnlyDictionary<string, string> settings;
    private Server? server;

    private LocalPostgres(string binDirectory, IReadOnlyDictionary<string, string> settings)
    {
        this.binDirectory = binDirectory;
        this.settings = settings;
        DataFolder = Path.Combine(Path.GetTempPath(), $"onering-postgres-{Guid.NewGuid():N}");
        Janitors[DataFolder] = StartJanitor(DataFolder);
    }

    public string DataFolder { get; }

    public int Port { get; private set; }

    /// <summary>The id of the server's process, while it runs.</summary>
    public int? ProcessId => server?.Id;

    /// <summary>Makes a data folder and starts a server on it. Settings are those of <c>postgresql.conf</c>.</summary>
    /// <param name="binDirectory">Where <c>initdb</c> and <c>postgres</c> are; when absent, the newest version installed.</param>
    public static async Task<LocalPostgres> StartAsync(
        string? binDirectory = null,
        IReadOnlyDictionary<string, string>? settings = null,
        CancellationToken cancellationToken = default)
    {
        binDirectory ??= FindBinDirectory() ?? throw new InvalidOperationException(
            "No PostgreSQL server is installed on this machine: initdb and postgres are neither in /usr/lib/postgresql/*/bin, "
            + "nor where pg_config says, nor on the PATH. Install the package postgresql (Debian, Ubuntu: apt-get install postgresql).");

        var postgres = new LocalPostgres(binDirectory, settings ?? new Dictionary<string, string>());
        try
        {
            await postgres.InitializeAsync(cancellationToken);
            await postgres.StartOnAFreePortAsync(cancellationToken);
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where the newest installed server's binaries are, or null when there are none.</summary>
    public static string? FindBinDirectory() =>
        InstalledDirectories().FirstOrDefault(directory =>
            File.Exists(Path.Combine(directory, "initdb")) && File.Exists(Path.Combine(directory, "postgres")));

    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "postgres",
        Database = database,
        SslMode = SslMode.Disable,
    }.ConnectionString;

    /// <summary>Stops the server; the data folder stays. Immediate is what a power cut looks like to the clients and to the data.</summary>
    public async Task StopAsync(bool immediate)
    {
        if (server is not { } running)
        {
            return;
        }

        if (!running.Exited.IsCompleted)
        {
            // pg_ctl rather than a signal: .NET can only kill. It waits until the server is gone.
            await RunAsync("pg_ctl", ["stop", "-D", DataFolder, "-w", "-m", immediate ? "immediate" : "fast"], CancellationToken.None);
        }

        await running.Exited.WaitAsync(Patience);
        server = null;
    }

    /// <summary>Kills the server with all of its processes, as if the power failed; the data folder stays.</summary>
    public async Task KillAsync()
    {
        if (server is { } running)
        {
            running.Kill();
            await running.Exited.WaitAsync(Patience);
            server = null;
        }
    }

    /// <summary>Starts the server again, on the same data folder and port; one that still runs is stopped first.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(immediate: false);
        server = await LaunchAsync(Port, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Janitors.TryRemove(DataFolder, out var janitor))
        {
            janitor.StandardInput.Close();
            await janitor.WaitForExitAsync().WaitAsync(Patience);
            janitor.Dispose();
        }
        if (server is not null)
        {
            await server.Exited.WaitAsync(Patience);
            server = null;
        }
    }

    /// <summary>
    /// Starts the process that tidies up. It waits for its standard input to end, which happens when we close it and also when we
    /// are killed; then it stops the server and deletes the data folder.
    /// </summary>
    private static Process StartJanitor(string dataFolder)
    {
        const string Script = """
            trap '' INT TERM HUP
            exec >/dev/null 2>&1
            read -r _
            if pid=$(head -n 1 "$0/postmaster.pid"); then
                kill -QUIT "$pid"
                while kill -0 "$pid"; do sleep 0.05; done
            fi
            rm -rf "$0"
            """;
        var command = new ProcessStartInfo("sh", ["-c", Script, dataFolder])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        return Process.Start(command)!;
    }

    private async Task InitializeAsync(CancellationToken cancellationToken) => await RunAsync(
        "initdb",
        ["--no-sync", "-D", DataFolder, "-U", "postgres", "-E", "UTF8", "--locale=C", "-A", "trust"],
        cancellationToken);

    private async Task StartOnAFreePortAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            Port = FreePort.Find();
            try
            {
                server = await LaunchAsync(Port, cancellationToken);
                return;
            }
            catch (PortTakenException) when (attempt < 10)
            {
                // Somebody took the port between our look and the server's.
            }
        }
    }

    private async Task<Server> LaunchAsync(int port, CancellationToken cancellationToken)
    {
        var arguments = new List<string> { "-D", DataFolder, "-p", port.ToString(CultureInfo.InvariantCulture) };
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["listen_addresses"] = "127.0.0.1",
            ["unix_socket_directories"] = "",
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }
        foreach (var (name, value) in all)
        {
            arguments.AddRange(["-c", $"{name}={value}"]);
        }

        var launched = new Server(Command("postgres", arguments, diesWithUs: true));
        try
        {
            await launched.Ready.WaitAsync(Patience, cancellationToken);
            return launched;
        }
        catch
        {
            launched.Kill();
            throw;
        }
    }

    private async Task RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = Command(program, arguments, diesWithUs: false) };
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors}{await output}");
        }
    }

    private ProcessStartInfo Command(string program, IEnumerable<string> arguments, bool diesWithUs)
    {
        var path = Path.Combine(binDirectory, program);
        var command = new ProcessStartInfo
        {
            FileName = path,
            // Readable for the user postgres, which our own working directory need not be.
            WorkingDirectory = Path.GetTempPath(),
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // We read what the server says, so it has to say it in English.
        command.Environment["LC_ALL"] = "C";
        foreach (var variable in command.Environment.Keys.Where(key => key.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            command.Environment.Remove(variable);
        }

        var isRoot = Environment.IsPrivilegedProcess;
        if (OperatingSystem.IsLinux() && (isRoot || diesWithUs) && FindOnPath("setpriv") is { } setpriv)
        {
            command.FileName = setpriv;
            if (isRoot)
            {
                // PostgreSQL refuses to run as root; the package has made a user for it.
                command.ArgumentList.Add("--reuid=postgres");
                command.ArgumentList.Add("--regid=postgres");
                command.ArgumentList.Add("--clear-groups");
            }
            if (diesWithUs)
            {
                // Should the janitor be killed with us, the kernel interrupts the server, which takes it for a fast shutdown.
                command.ArgumentList.Add("--pdeathsig=INT");
            }
            command.ArgumentList.Add("--");
            command.ArgumentList.Add(path);
        }

        foreach (var argument in arguments)
        {
            command.ArgumentList.Add(argument);
        }
        return command;
    }

    private static IEnumerable<string> InstalledDirectories()
    {
        const string Debian = "/usr/lib/postgresql";
        if (Directory.Exists(Debian))
        {
            var versions = Directory.EnumerateDirectories(Debian)
                .OrderByDescending(directory => int.TryParse(Path.GetFileName(directory), out var version) ? version : 0);
            foreach (var version in versions)
            {
                yield return Path.Combine(version, "bin");
            }
        }

        if (FindOnPath("pg_config") is { } config && AskForBinDirectory(config) is { } told)
        {
            yield return told;
        }

        foreach (var directory in PathDirectories())
        {
            yield return directory;
        }
    }

    private static string? AskForBinDirectory(string config)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(config, "--bindir") { UseShellExecute = false, RedirectStandardOutput = true });
            return process?.StandardOutput.ReadToEnd().Trim();
        }
        catch (Win32Exception)
        {
            return null; // not ours to run; the PATH may still have the server
        }
    }

    private static string[] PathDirectories() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static string? FindOnPath(string program) =>
        PathDirectories().Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);

    private sealed class PortTakenException(string message) : IOException(message);

    /// <summary>One run of the server's process.</summary>
    private sealed class Server
    {
        private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Process process;

        public Server(ProcessStartInfo command)
        {
            process = new Process { StartInfo = command };
            // "If the parent dies" means to the kernel the thread that started the process. A thread of the pool may retire while
            // we live (xunit's do), and would take the server with it; this one stays as long as the server does.
            new Thread(Run) { IsBackground = true, Name = "PostgreSQL" }.Start();
        }

        public Task Ready => ready.Task;

        public Task Exited => exited.Task;

        public int? Id { get; private set; }

        public void Kill()
        {
            if (Id is not null && !Exited.IsCompleted)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        private void Run()
        {
            try
            {
                process.Start();
                Id = process.Id;
                process.StandardInput.Close();
                var said = ReadUntilReady();
                process.WaitForExit();
                var failure = PortWasTaken(said)
                    ? new PortTakenException(said)
                    : new InvalidOperationException($"PostgreSQL ended with {process.ExitCode} before it was ready: {said}") as Exception;
                // First this, so that whoever hears of the failure has no process left to kill.
                exited.SetResult();
                ready.TrySetException(failure);
            }
            catch (Exception failure) when (failure is Win32Exception or InvalidOperationException)
            {
                ready.TrySetException(failure);
            }
            finally
            {
                exited.TrySetResult();
                process.Dispose();
            }
        }

        /// <summary>Reads on after it is ready: a server whose stderr nobody reads stops when the pipe is full.</summary>
        private string ReadUntilReady()
        {
            var said = new StringBuilder();
            while (process.StandardError.ReadLine() is { } line)
            {
                if (Ready.IsCompleted)
                {
                    continue;
                }
                said.AppendLine(line);
                if (line.Contains("ready to accept connections", StringComparison.Ordinal))
                {
                    ready.SetResult();
                }
            }
            return said.ToString();
        }

        private static bool PortWasTaken(string said) =>
            said.Contains("could not bind", StringComparison.Ordinal) || said.Contains("Address already in use", StringComparison.Ordinal);
    }
}
