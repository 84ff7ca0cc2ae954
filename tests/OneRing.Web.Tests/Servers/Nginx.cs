using System.Diagnostics;
using System.Globalization;

namespace OneRing.Web.Tests.Servers;

/// <summary>
/// An nginx of one's own, with the file that we deploy; only addresses and folders are others.
/// </summary>
internal sealed class Nginx : IAsyncDisposable
{
    public const string Absent = "nginx is absent (Debian, Ubuntu: apt-get install nginx-light)";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string folder;
    private readonly Process process;

    private Nginx(string folder, Process process, Uri address)
    {
        this.folder = folder;
        this.process = process;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>The program on this machine; null without one.</summary>
    public static string? Program => Array.Find(["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx"], File.Exists);

    /// <summary>Starts it in front of two servers, of which none has to be there yet.</summary>
    public static async Task<Nginx> StartAsync(Uri web, Uri otherWeb)
    {
        var program = Program ?? throw new InvalidOperationException(Absent);
        var home = Directory.CreateTempSubdirectory("onering-nginx-").FullName;
        // Its workers are somebody else, where it is started by root.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Find()}"));
        var config = Path.Combine(home, "nginx.conf");
        await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(Find("deploy/nginx.conf")))
            .Put("listen 8080;", $"listen {address.Authority};")
            .Put("server web:8080 ", $"server {web.Authority} ")
            .Put("server web-2:8080 ", $"server {otherWeb.Authority} ")
            .Put("http {\n", $"http {{\naccess_log off;\n{string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(of => $"{of}_temp_path {home}/{of};\n"))}"));

        var start = new ProcessStartInfo(program, ["-p", home, "-c", config, "-e", Path.Combine(home, "error.log"), "-g", $"daemon off; pid {home}/nginx.pid;"]);
        var nginx = new Nginx(home, Process.Start(start)!, address);
        await nginx.process.ListensAsync(address.Port, Patience);
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            // Its workers go with it.
            using var kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {process.Id}")]);
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string Find(string path)
    {
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            if (Path.Combine(above.FullName, path) is var file && File.Exists(file))
            {
                return file;
            }
        }
        throw new InvalidOperationException($"{path} is not above {AppContext.BaseDirectory}.");
    }
}

internal static class ConfigText
{
    /// <summary>Puts something in the place of a piece of text, which must be there.</summary>
    public static string Put(this string text, string place, string what) =>
        text.Contains(place, StringComparison.Ordinal) ? text.Replace(place, what, StringComparison.Ordinal)
            : throw new InvalidOperationException($"The file does not say “{place}” any more.");
}
