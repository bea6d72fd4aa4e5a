using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using P2PCopy.Tests.Cmdlets;

namespace P2PCopy.Tests.Snapshots;

/// <summary>
/// What the module's assembly shows to PowerShell: cmdlets with their parameters and attributes, and the properties of
/// results. Read as data, so that it needs no PowerShell.
/// </summary>
internal sealed class CommandSurface : IDisposable
{
    private readonly PEReader _file = new(File.OpenRead(StagedModule.Assembly));
    private readonly MetadataReader _reader;
    private readonly TypeNames _names = new();

    public CommandSurface() => _reader = _file.GetMetadataReader();

    public IEnumerable<string> Lines()
        => PublicTypes().OrderBy(t => _reader.GetString(t.Name), StringComparer.Ordinal).SelectMany(OfType);

    public void Dispose() => _file.Dispose();

    private IEnumerable<TypeDefinition> PublicTypes()
        => _reader.TypeDefinitions.Select(_reader.GetTypeDefinition)
            .Where(t => (t.Attributes & System.Reflection.TypeAttributes.VisibilityMask) == System.Reflection.TypeAttributes.Public);

    private IEnumerable<string> OfType(TypeDefinition type)
    {
        yield return string.Join(' ', Attributes(type.GetCustomAttributes()).Append(_reader.GetString(type.Name)));
        foreach (string line in Properties(type).Concat(Choices(type)).Order(StringComparer.Ordinal))
            yield return "    " + line;
    }

    // With those of base classes: what a cmdlet takes is read in one place.
    private IEnumerable<string> Properties(TypeDefinition type)
    {
        for (TypeDefinition? current = type; current is { } definition; current = Base(definition))
        {
            foreach (PropertyDefinition property in definition.GetProperties().Select(_reader.GetPropertyDefinition))
            {
                MethodDefinitionHandle getter = property.GetAccessors().Getter;
                if ((_reader.GetMethodDefinition(getter).Attributes & System.Reflection.MethodAttributes.MemberAccessMask) != System.Reflection.MethodAttributes.Public)
                    continue;
                string typeName = property.DecodeSignature(_names, null).ReturnType;
                yield return string.Join(' ', Attributes(property.GetCustomAttributes()).Prepend($"{_reader.GetString(property.Name)} <{typeName}>"));
            }
        }
    }

    private IEnumerable<string> Choices(TypeDefinition type)
        => type.GetFields().Select(_reader.GetFieldDefinition)
            .Where(f => (f.Attributes & System.Reflection.FieldAttributes.Literal) != 0 && (f.Attributes & System.Reflection.FieldAttributes.Public) == System.Reflection.FieldAttributes.Public)
            .Select(f => $"{_reader.GetBlobReader(_reader.GetConstant(f.GetDefaultValue()).Value).ReadInt32()} {_reader.GetString(f.Name)}");

    private TypeDefinition? Base(TypeDefinition type)
        => type.BaseType.Kind == HandleKind.TypeDefinition ? _reader.GetTypeDefinition((TypeDefinitionHandle)type.BaseType) : null;

    private IEnumerable<string> Attributes(CustomAttributeHandleCollection attributes)
        => attributes.Select(_reader.GetCustomAttribute).Select(Attribute).OfType<string>().Order(StringComparer.Ordinal);

    private string? Attribute(CustomAttribute attribute)
    {
        string name = attribute.Constructor.Kind == HandleKind.MemberReference
            ? _names.GetTypeFromReference(_reader, (TypeReferenceHandle)_reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent, 0)
            : _names.GetTypeFromDefinition(_reader, _reader.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType(), 0);
        if (name.StartsWith("Nullable", StringComparison.Ordinal) || name is "CompilerGeneratedAttribute" or "AttributeUsageAttribute")
            return null;

        CustomAttributeValue<string> value = attribute.DecodeValue(_names);
        string arguments = string.Join(", ", value.FixedArguments.Select(a => Text(a.Value))
            .Concat(value.NamedArguments.Select(a => $"{a.Name} = {Text(a.Value)}").Order(StringComparer.Ordinal)));
        return $"[{name[..^"Attribute".Length]}{(arguments.Length > 0 ? $"({arguments})" : string.Empty)}]";
    }

    private static string Text(object? value) => value switch
    {
        ImmutableArray<CustomAttributeTypedArgument<string>> many => string.Join(", ", many.Select(a => Text(a.Value))),
        _ => FormattableString.Invariant($"{value}"),
    };

    /// <summary>Types by their short names.</summary>
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>, ICustomAttributeTypeProvider<string>
    {
        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => reader.GetString(reader.GetTypeReference(handle).Name);

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments)
            => genericType == "Nullable`1" ? typeArguments[0] + "?" : genericType.Split('`')[0] + "<" + string.Join(", ", typeArguments) + ">";

        public string GetSystemType() => "Type";

        public bool IsSystemType(string type) => type == "Type";

        public string GetTypeFromSerializedName(string name) => name.Split(',')[0].Split('.')[^1];

        // Every enum that is an argument of one of these attributes is an Int32.
        public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;

        public string GetArrayType(string elementType, ArrayShape shape) => throw new NotSupportedException();

        public string GetByReferenceType(string elementType) => throw new NotSupportedException();

        public string GetFunctionPointerType(MethodSignature<string> signature) => throw new NotSupportedException();

        public string GetGenericMethodParameter(object? genericContext, int index) => throw new NotSupportedException();

        public string GetGenericTypeParameter(object? genericContext, int index) => throw new NotSupportedException();

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => throw new NotSupportedException();

        public string GetPointerType(string elementType) => throw new NotSupportedException();

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => throw new NotSupportedException();
    }
}
