using System.Net.Http.Headers;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;
using NSwag.CodeGeneration.OperationNameGenerators;

namespace OneRing.Web.Tests.Servers;

/// <summary>A client of the API as somebody else would have it: written by a generator from what the server says of itself, and compiled here and now.</summary>
internal sealed class GeneratedClient
{
    private const string Namespace = "Generated";
    private const string ClassName = "OneRingClient";

    private readonly Uri address;
    private readonly Assembly assembly;

    private GeneratedClient(Uri address, Assembly assembly)
    {
        this.address = address;
        this.assembly = assembly;
    }

    public static async Task<GeneratedClient> FromAsync(Uri address)
    {
        using var http = new HttpClient();
        var description = await OpenApiDocument.FromJsonAsync(await http.GetStringAsync(new Uri(address, "/openapi/v1.json")));
        var generator = new CSharpClientGenerator(description, new CSharpClientGeneratorSettings
        {
            ClassName = ClassName,
            GenerateOptionalParameters = true,
            UseBaseUrl = false,
            // The usual format of this generator leaves the offset out, and an instant without one is none.
            ParameterDateTimeFormat = "O",
            OperationNameGenerator = new SingleClientFromOperationIdOperationNameGenerator(),
            CSharpGeneratorSettings = { Namespace = Namespace, JsonLibrary = CSharpJsonLibrary.SystemTextJson, JsonLibraryVersion = 10m },
        });
        return new GeneratedClient(address, Compile(generator.GenerateFile()));
    }

    /// <summary>A client that acts for the owner of a token.</summary>
    public dynamic For(string token)
    {
        var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return Activator.CreateInstance(TypeOf(ClassName), http)!;
    }

    /// <summary>What a request carries.</summary>
    public dynamic New(string type) => Activator.CreateInstance(TypeOf(type))!;

    /// <summary>A value of an enum, by its name.</summary>
    public dynamic Value(string type, string name) => Enum.Parse(TypeOf(type), name);

    private static Assembly Compile(string source)
    {
        var trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            Namespace,
            [CSharpSyntaxTree.ParseText(source)],
            trusted.Where(file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal)).Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(10)));

        image.Position = 0;
        return new AssemblyLoadContext(Namespace, isCollectible: true).LoadFromStream(image);
    }

    private Type TypeOf(string name) =>
        assembly.GetType($"{Namespace}.{name}") ?? throw new InvalidOperationException($"The description of the API knows no {name}.");
}
