using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace P2PCopy.Tests.Snapshots;

/// <summary>What an assembly promises to others: every public type and member, one a line, in an order that is always the same.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    // What the compiler adds to every record says nothing.
    private static readonly HashSet<string> Synthesized = ["Equals", "GetHashCode", "ToString", "PrintMembers", "<Clone>$", "Deconstruct", "EqualityContract"];

    private static readonly NullabilityInfoContext Nullability = new();

    public static IEnumerable<string> Of(Assembly assembly)
        => assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal).SelectMany(OfType);

    private static IEnumerable<string> OfType(Type type)
    {
        IEnumerable<string> bases = new[] { type.BaseType is { } b && b != typeof(object) && !type.IsValueType ? Name(b) : null }
            .Concat(type.IsEnum ? [] : type.GetInterfaces().Where(i => !i.Name.StartsWith("IEquatable", StringComparison.Ordinal)).Select(Name).Order(StringComparer.Ordinal))
            .OfType<string>();
        string list = string.Join(", ", bases);
        yield return $"{Kind(type)} {type.Namespace}.{Name(type)}{(list.Length > 0 ? " : " + list : string.Empty)}";
        foreach (string line in type.GetMembers(Declared).Select(m => Line(type, m)).OfType<string>().Order(StringComparer.Ordinal))
            yield return "    " + line;
    }

    private static string Kind(Type type)
    {
        if (type.IsEnum)
            return "enum";
        if (type.IsInterface)
            return "interface";
        bool isRecord = type.GetMethod("<Clone>$") is not null;
        string kind = type.IsValueType ? "struct" : isRecord ? "record" : "class";
        return type.IsValueType ? kind : type switch
        {
            { IsAbstract: true, IsSealed: true } => "static " + kind,
            { IsAbstract: true } => "abstract " + kind,
            { IsSealed: true } => "sealed " + kind,
            _ => kind,
        };
    }

    private static string? Line(Type type, MemberInfo member)
    {
        bool isRecord = type.GetMethod("<Clone>$") is not null;
        switch (member)
        {
            case FieldInfo { IsSpecialName: false } field when IsSeen(field.IsPublic, field.IsFamily || field.IsFamilyOrAssembly):
                return field.IsLiteral
                    ? string.Create(CultureInfo.InvariantCulture, $"{field.Name} = {(type.IsEnum ? Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture) : field.GetRawConstantValue())}")
                    : $"{field.Name}: {Name(field.FieldType)}{Mark(Nullability.Create(field).ReadState)}";
            case PropertyInfo property when !(isRecord && Synthesized.Contains(property.Name)):
                string accessors = string.Concat(Accessor(property.GetMethod, "get; "), Accessor(property.SetMethod, IsInit(property) ? "init; " : "set; "));
                string required = property.GetCustomAttribute<RequiredMemberAttribute>() is null ? string.Empty : "required ";
                return accessors.Length == 0 ? null : $"{required}{property.Name}: {Name(property.PropertyType)}{Mark(Nullability.Create(property).ReadState)} {{ {accessors}}}";
            case MethodInfo { IsSpecialName: false } method when IsSeen(method.IsPublic, method.IsFamily || method.IsFamilyOrAssembly) && !(isRecord && Synthesized.Contains(method.Name)):
                return $"{(method.IsStatic ? "static " : string.Empty)}{method.Name}({Parameters(method)}): {Name(method.ReturnType)}{Mark(Nullability.Create(method.ReturnParameter).ReadState)}";
            case ConstructorInfo { IsStatic: false } constructor when IsSeen(constructor.IsPublic, constructor.IsFamily || constructor.IsFamilyOrAssembly):
                bool isCopy = isRecord && constructor.GetParameters() is [{ } only] && only.ParameterType == type;
                return isCopy || type.IsAbstract ? null : $"new({Parameters(constructor)})";
            case EventInfo { AddMethod.IsPublic: true } e:
                return $"event {e.Name}: {Name(e.EventHandlerType!)}";
            default:
                return null;
        }
    }

    private static bool IsSeen(bool isPublic, bool isProtected) => isPublic || isProtected;

    private static string? Accessor(MethodInfo? method, string text)
        => method is not null && IsSeen(method.IsPublic, method.IsFamily || method.IsFamilyOrAssembly) ? text : null;

    private static bool IsInit(PropertyInfo property)
        => property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;

    private static string Parameters(MethodBase method)
        => string.Join(", ", method.GetParameters().Select(p =>
            $"{p.Name}: {Name(p.ParameterType)}{Mark(Nullability.Create(p).WriteState)}{(p.HasDefaultValue ? " = " + (p.RawDefaultValue ?? "default") : string.Empty)}"));

    private static string Mark(NullabilityState state) => state == NullabilityState.Nullable ? "?" : string.Empty;

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        string name = type is { IsNested: true, IsGenericParameter: false } ? Name(type.DeclaringType!) + "." + type.Name : type.Name;
        return type.IsGenericType
            ? name.Split('`')[0] + "<" + string.Join(", ", type.GetGenericArguments().Select(Name)) + ">"
            : name;
    }
}
