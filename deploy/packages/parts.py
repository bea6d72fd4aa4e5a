"""Writes the parts list (SBOM, CycloneDX 1.6) of what is shipped: parts.py ROOT VERSION. It reads the result of the restore."""
import glob
import json
import re
import sys
import uuid
from pathlib import Path

root, version = Path(sys.argv[1]), sys.argv[2]
shipped = {"P2PCopy.Tool", "P2PCopy.Module"}
packages = {}
for file in sorted(glob.glob(str(root / "artifacts/**/obj/*/project.assets.json"), recursive=True)) + sorted(glob.glob(str(root / "artifacts/obj/*/project.assets.json"))):
    assets = json.loads(Path(file).read_text())
    if assets["project"]["restore"]["projectName"] not in shipped:
        continue
    for target in assets["targets"].values():
        for name, entry in target.items():
            package, number = name.split("/")
            # What is compiled against but not copied is not a part.
            if entry["type"] == "package" and any(not path.endswith("_._") for path in entry.get("runtime", {})):
                packages[package] = number

notices = (root / "THIRD-PARTY-NOTICES.txt").read_text()
components = []
for package, number in sorted(packages.items()):
    if package == "PowerShellStandard.Library":
        continue
    if not re.search(re.escape(package.removesuffix(".Port")), notices):
        sys.exit(f"THIRD-PARTY-NOTICES.txt does not name {package}.")
    components.append({
        "type": "library", "name": package, "version": number, "purl": f"pkg:nuget/{package}@{number}",
        "bom-ref": f"pkg:nuget/{package}@{number}", "licenses": [{"license": {"id": "MIT"}}],
    })
main = f"pkg:generic/p2pcopy@{version}"
print(json.dumps({
    "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
    "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
    "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, main + json.dumps(components))}",
    "metadata": {"component": {"type": "application", "name": "p2pcopy", "version": version, "bom-ref": main, "licenses": [{"license": {"id": "MIT"}}]}},
    "components": components,
    "dependencies": [{"ref": main, "dependsOn": [c["bom-ref"] for c in components]}],
}, indent=2))
