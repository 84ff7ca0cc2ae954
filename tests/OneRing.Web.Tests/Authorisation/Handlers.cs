using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using OneRing.Data.Drafts;

namespace OneRing.Web.Tests.Authorisation;

/// <summary>
/// Every event handler that some component hands to its markup and that changes something, read from the compiled components: so a new button is found on the day
/// it is built, whoever is shown it, and whatever has to be done first to see it.
/// </summary>
internal static class Handlers
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly Pages = typeof(RefusalText).Assembly;
    private static readonly Assembly Services = typeof(DraftCommand).Assembly;
    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(obj: null)!).ToDictionary(code => code.Value);

    /// <summary>What an operation is called that only looks.</summary>
    private static readonly string[] Looks = ["Find", "Read", "List", "Count", "Preview", "Open", "Check", "Watch"];

    /// <summary>The handlers by name (<c>RingPanel.PassToAsync</c>), each with the commands and the operations of services that it can come to, in order.</summary>
    public static SortedDictionary<string, string> Find()
    {
        var found = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var component in Pages.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(ComponentBase))))
        {
            foreach (var handler in HandedToMarkup(component))
            {
                var operations = OperationsOf(handler).Where(operation => !Looks.Any(look => operation.Split('.')[^1].StartsWith(look, StringComparison.Ordinal))).ToList();
                if (operations.Count > 0)
                {
                    var name = $"{component.Name}.{NameOf(handler, component)}";
                    found.TryAdd(name, new SortedSet<string>(StringComparer.Ordinal));
                    found[name].UnionWith(operations);
                }
            }
        }
        return new(found.ToDictionary(handler => handler.Key, handler => string.Join(", ", handler.Value), StringComparer.Ordinal), StringComparer.Ordinal);
    }

    /// <summary>Every method whose address is taken where the component is drawn, in its own markup and in what it hands to others to draw.</summary>
    private static HashSet<MethodBase> HandedToMarkup(Type component)
    {
        var handlers = new HashSet<MethodBase>();
        var drawn = new HashSet<MethodBase>();
        var toDraw = new Stack<MethodBase>([component.GetMethod("BuildRenderTree", All)!]);
        while (toDraw.TryPop(out var markup))
        {
            // A component without markup has none of its own to look into.
            if (markup is null || !drawn.Add(markup))
            {
                continue;
            }
            foreach (var (code, method) in MethodsIn(markup))
            {
                var isDrawing = method.GetParameters().Any(p => p.ParameterType == typeof(RenderTreeBuilder)) || method is MethodInfo { ReturnType: var type } && IsFragment(type);
                if (isDrawing && method.DeclaringType!.Assembly == Pages)
                {
                    toDraw.Push(method);
                }
                else if (code.Value == System.Reflection.Emit.OpCodes.Ldftn.Value)
                {
                    handlers.Add(method);
                }
                else if (method.DeclaringType!.Assembly == Pages && IsCallback(method))
                {
                    // A property that answers what to do is a part of the markup.
                    toDraw.Push(method);
                }
            }
        }
        return handlers;
    }

    private static bool IsFragment(Type type) =>
        type == typeof(RenderFragment) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(RenderFragment<>));

    private static bool IsCallback(MethodBase method) => method is MethodInfo { ReturnType: var type }
        && (type == typeof(EventCallback) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(EventCallback<>))) && !method.IsDefined(typeof(CompilerGeneratedAttribute));

    /// <summary>The name of a method; of something unnamed, that of the first method with a name that it calls.</summary>
    private static string NameOf(MethodBase handler, Type component)
    {
        for (var at = handler; at is not null; at = MethodsIn(Body(at)).Select(call => call.Method).FirstOrDefault(method => IsOf(method.DeclaringType, component) || method.Name.EndsWith("Async", StringComparison.Ordinal)))
        {
            if (at.Name[0] != '<')
            {
                return at.DeclaringType == component ? at.Name : $"{at.DeclaringType!.Name}.{at.Name}";
            }
        }
        throw new InvalidOperationException($"A handler of {component.Name} cannot be named.");
    }

    private static bool IsOf(Type? type, Type component) => type is not null && (type == component || IsOf(type.DeclaringType, component));

    private static SortedSet<string> OperationsOf(MethodBase handler)
    {
        var operations = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<MethodBase>();
        var next = new Stack<MethodBase>([handler]);
        while (next.TryPop(out var method))
        {
            if (!seen.Add(method))
            {
                continue;
            }
            foreach (var (_, called) in MethodsIn(Body(method)))
            {
                if (called.DeclaringType?.Assembly == Pages)
                {
                    next.Push(called);
                }
                else if (called.DeclaringType?.Assembly == Services && called is MethodInfo { ReturnType: var answer } && typeof(Task).IsAssignableFrom(answer))
                {
                    var request = called.GetParameters().FirstOrDefault()?.ParameterType;
                    operations.Add(request is not null && request.IsSubclassOf(typeof(DraftCommand)) ? request.Name : $"{called.DeclaringType.Name}.{called.Name}");
                }
            }
        }
        return operations;
    }

    /// <summary>Where the code of a method really stands.</summary>
    private static MethodBase Body(MethodBase method) =>
        method.GetCustomAttribute<AsyncStateMachineAttribute>() is { StateMachineType: var machine } ? machine.GetMethod("MoveNext", All)! : method;

    /// <summary>The methods that a method calls, or whose address it takes.</summary>
    private static IEnumerable<(OpCode Code, MethodBase Method)> MethodsIn(MethodBase caller)
    {
        var code = caller.GetMethodBody()?.GetILAsByteArray() ?? [];
        var ofType = caller.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var ofMethod = caller is MethodInfo { IsGenericMethod: true } method ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            var opCode = code[at] == 0xFE ? OpCodes[(short)(0xFE00 | code[at + 1])] : OpCodes[code[at]];
            at += opCode.Size;
            if (opCode.OperandType == OperandType.InlineMethod)
            {
                var called = caller.Module.ResolveMethod(BitConverter.ToInt32(code, at), ofType, ofMethod)!;
                // Whatever it is of, it is the same code.
                yield return (opCode, called is MethodInfo { IsGenericMethod: true, IsGenericMethodDefinition: false } generic ? generic.GetGenericMethodDefinition() : called);
            }
            at += opCode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
