using System.Reflection;
using System.Reflection.Emit;

namespace P2PCopy.Tests.Testing;

/// <summary>
/// Every type that a type refers to: in its bases, members and attributes, and in the code of its methods, where most
/// references are. Constants leave no trace in compiled code.
/// </summary>
internal static class TypeReferences
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    public static IReadOnlySet<Type> Of(Type type)
    {
        var found = new HashSet<Type>();
        Add(found, type.BaseType);
        AddAll(found, type.GetInterfaces());
        AddAttributes(found, type);
        foreach (Type parameter in type.GetGenericArguments().Where(a => a.IsGenericParameter))
            AddAll(found, parameter.GetGenericParameterConstraints());
        foreach (FieldInfo field in type.GetFields(Own))
        {
            Add(found, field.FieldType);
            AddAttributes(found, field);
        }

        foreach (MethodBase method in type.GetMembers(Own).OfType<MethodBase>())
            AddMethod(found, method);
        found.Remove(type);
        return found;
    }

    private static void AddMethod(HashSet<Type> found, MethodBase method)
    {
        AddSignature(found, method);
        AddAttributes(found, method);
        if (method.IsGenericMethodDefinition)
        {
            foreach (Type parameter in method.GetGenericArguments())
                AddAll(found, parameter.GetGenericParameterConstraints());
        }

        if (method.GetMethodBody() is not { } body)
            return;
        AddAll(found, body.LocalVariables.Select(local => local.LocalType));
        AddAll(found, body.ExceptionHandlingClauses.Where(c => c.Flags == ExceptionHandlingClauseOptions.Clause).Select(c => c.CatchType));
        Type[]? typeArguments = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        Type[]? methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        foreach (int token in Tokens(body.GetILAsByteArray() ?? []))
            AddMember(found, method.Module.ResolveMember(token, typeArguments, methodArguments));
    }

    private static void AddMember(HashSet<Type> found, MemberInfo? member)
    {
        if (member is Type type)
        {
            Add(found, type);
            return;
        }

        Add(found, member?.DeclaringType);
        if (member is FieldInfo field)
            Add(found, field.FieldType);
        if (member is not MethodBase method)
            return;
        AddSignature(found, method);
        if (method.IsGenericMethod)
            AddAll(found, method.GetGenericArguments());
    }

    private static void AddSignature(HashSet<Type> found, MethodBase method)
    {
        if (method is MethodInfo info)
            Add(found, info.ReturnType);
        AddAll(found, method.GetParameters().Select(parameter => parameter.ParameterType));
    }

    private static void AddAttributes(HashSet<Type> found, MemberInfo member)
    {
        foreach (CustomAttributeData attribute in member.GetCustomAttributesData())
        {
            Add(found, attribute.AttributeType);
            AddAll(found, attribute.ConstructorArguments.Select(argument => argument.Value).OfType<Type>());
        }
    }

    private static void AddAll(HashSet<Type> found, IEnumerable<Type?> types)
    {
        foreach (Type? type in types)
            Add(found, type);
    }

    private static void Add(HashSet<Type> found, Type? type)
    {
        if (type is null || type.IsGenericParameter)
            return;
        if (type.HasElementType)
        {
            Add(found, type.GetElementType());
            return;
        }

        if (type.IsGenericType)
        {
            AddAll(found, type.GetGenericArguments());
            type = type.GetGenericTypeDefinition();
        }

        found.Add(type);
    }

    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (int at = 0; at < code.Length;)
        {
            OpCode instruction = code[at] == 0xfe
                ? OpCodesByValue[(short)((code[at++] << 8) | code[at++])]
                : OpCodesByValue[code[at++]];
            switch (instruction.OperandType)
            {
                case OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok:
                    yield return BitConverter.ToInt32(code, at);
                    at += 4;
                    break;
                case OperandType.InlineSwitch:
                    at += 4 + 4 * BitConverter.ToInt32(code, at);
                    break;
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    at += 1;
                    break;
                case OperandType.InlineVar:
                    at += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    at += 8;
                    break;
                default:
                    at += 4;
                    break;
            }
        }
    }
}
