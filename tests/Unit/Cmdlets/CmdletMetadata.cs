using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using P2PCopy.Tests.Cmdlets;

namespace P2PCopy.Tests.Unit.Cmdlets;

/// <summary>Reads the cmdlets' assembly as data: it needs no PowerShell, which the test's machine may not have.</summary>
internal sealed class CmdletMetadata : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _reader;

    public CmdletMetadata()
    {
        _file = new PEReader(File.OpenRead(StagedModule.Assembly));
        _reader = _file.GetMetadataReader();
    }

    /// <summary>Names of the properties that carry [Parameter], base classes included.</summary>
    public HashSet<string> Parameters(string type)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (TypeDefinition? current = Find(type); current is { } definition; current = Base(definition))
        {
            foreach (PropertyDefinition property in definition.GetProperties().Select(_reader.GetPropertyDefinition))
            {
                if (property.GetCustomAttributes().Select(_reader.GetCustomAttribute).Any(a => AttributeName(a) == "ParameterAttribute"))
                    names.Add(_reader.GetString(property.Name));
            }
        }

        return names;
    }

    /// <summary>The bounds of [ValidateRange] by the name of the parameter, base classes included.</summary>
    public Dictionary<string, (long Min, long Max)> Ranges(string type)
    {
        var ranges = new Dictionary<string, (long Min, long Max)>(StringComparer.Ordinal);
        for (TypeDefinition? current = Find(type); current is { } definition; current = Base(definition))
        {
            foreach (PropertyDefinition property in definition.GetProperties().Select(_reader.GetPropertyDefinition))
            {
                foreach (CustomAttribute attribute in property.GetCustomAttributes().Select(_reader.GetCustomAttribute).Where(a => AttributeName(a) == "ValidateRangeAttribute"))
                {
                    var bounds = attribute.DecodeValue(new BoundTypes()).FixedArguments;
                    ranges.Add(_reader.GetString(property.Name), (Convert.ToInt64(bounds[0].Value, null), Convert.ToInt64(bounds[1].Value, null)));
                }
            }
        }

        return ranges;
    }

    /// <summary>Assemblies that signatures of public members of a type may make PowerShell load.</summary>
    public IEnumerable<string> PropertyTypeScopes(string type)
    {
        for (TypeDefinition? current = Find(type); current is { } definition; current = Base(definition))
        {
            foreach (PropertyDefinition property in definition.GetProperties().Select(_reader.GetPropertyDefinition))
            {
                var scopes = new ScopeCollector();
                property.DecodeSignature(scopes, null);
                foreach (string scope in scopes.Scopes)
                    yield return scope;
            }
        }
    }

    /// <summary>Public types that are not nested.</summary>
    public IEnumerable<string> PublicTypes()
        => _reader.TypeDefinitions.Select(_reader.GetTypeDefinition)
            .Where(t => (t.Attributes & System.Reflection.TypeAttributes.VisibilityMask) == System.Reflection.TypeAttributes.Public)
            .Select(t => _reader.GetString(t.Name));

    public void Dispose() => _file.Dispose();

    private TypeDefinition Find(string name)
        => _reader.TypeDefinitions.Select(_reader.GetTypeDefinition).Single(t => _reader.GetString(t.Name) == name);

    private TypeDefinition? Base(TypeDefinition type)
        => type.BaseType.Kind == HandleKind.TypeDefinition ? _reader.GetTypeDefinition((TypeDefinitionHandle)type.BaseType) : null;

    private string? AttributeName(CustomAttribute attribute)
        => attribute.Constructor.Kind == HandleKind.MemberReference
            && _reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
            ? _reader.GetString(_reader.GetTypeReference((TypeReferenceHandle)parent).Name)
            : null;

    /// <summary>The types of the two arguments: each is an object that holds a number.</summary>
    private sealed class BoundTypes : ICustomAttributeTypeProvider<string>
    {
        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetSystemType() => nameof(Type);

        public string GetSZArrayType(string elementType) => elementType;

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => string.Empty;

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => string.Empty;

        public string GetTypeFromSerializedName(string name) => name;

        public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;

        public bool IsSystemType(string type) => type == nameof(Type);
    }

    /// <summary>Notes the assembly of every type in a signature.</summary>
    private sealed class ScopeCollector : ISignatureTypeProvider<string, object?>
    {
        public List<string> Scopes { get; } = [];

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            TypeReference type = reader.GetTypeReference(handle);
            if (type.ResolutionScope.Kind == HandleKind.AssemblyReference)
                Scopes.Add(reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name));
            return string.Empty;
        }

        public string GetArrayType(string elementType, ArrayShape shape) => string.Empty;

        public string GetByReferenceType(string elementType) => string.Empty;

        public string GetFunctionPointerType(MethodSignature<string> signature) => string.Empty;

        public string GetGenericInstantiation(string genericType, System.Collections.Immutable.ImmutableArray<string> typeArguments) => string.Empty;

        public string GetGenericMethodParameter(object? genericContext, int index) => string.Empty;

        public string GetGenericTypeParameter(object? genericContext, int index) => string.Empty;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => string.Empty;

        public string GetPinnedType(string elementType) => string.Empty;

        public string GetPointerType(string elementType) => string.Empty;

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => string.Empty;

        public string GetSZArrayType(string elementType) => string.Empty;

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => string.Empty;

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => string.Empty;
    }
}
