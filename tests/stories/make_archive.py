#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make_archive.py KIND [FLAW] LAYER.tar: writes an archive of one image, "made:1", with that layer and a second one on top
to standard output, as others write them.

KIND: old (docker before 25: ID/layer.tar, the second time a symlink), podman (HEX.tar), oci-gzip, oci-zstd (a layout), oci-tag
(with a bare tag for a name), nested (an index for two platforms in the index), v1 (docker before 1.10).
FLAW: layer, config (their bytes are others), missing (a layer is not there), order (layers are exchanged), foreign, device,
escape (a layer's name leads out), name (an impossible one), rubbish (a layer is no tar), bzip2."""
import bz2
import gzip
import hashlib
import io
import json
import subprocess
import sys
import tarfile

kind, flaw, path = sys.argv[1], sys.argv[2] if len(sys.argv) > 3 else "", sys.argv[-1]


def sum_of(content):
    return hashlib.sha256(content).hexdigest()


def tar_of(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
            else:
                member.type, member.linkname = content
                archive.addfile(member)
    return out.getvalue()


layers = [open(path, "rb").read(), tar_of([("etc/made", b"made\n"), ("etc/.wh.os-release", b"")])]
config = json.dumps({"architecture": "amd64", "os": "linux", "created": "2020-01-02T03:04:05Z", "config": {"Env": ["PATH=/bin"], "Cmd": ["sh"], "Strange": [1]},
                     "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sum_of(layer) for layer in layers + layers[1:]]},
                     "history": [{"created": "2020-01-02T03:04:05Z", "created_by": "by hand"}]}).encode()
if flaw == "order":
    layers.reverse()
if flaw == "rubbish":
    layers[1] = b"\x1f\x8b rubbish"
if flaw == "bzip2":
    layers[1] = bz2.compress(layers[1])
layers.append(layers[1])  # the same once more
name = "UPPER:case:x" if flaw == "name" else "made:1"
members = []

if kind in ("old", "podman", "v1"):
    names = ["one/layer.tar", "two/layer.tar", "three/layer.tar"] if kind != "podman" else [sum_of(layer) + ".tar" for layer in layers]
    for here, layer in zip(names, layers):
        again = kind == "old" and here.startswith("three")
        members.append((here, (tarfile.SYMTYPE, "../two/layer.tar") if again else layer))
        if kind != "podman":
            members += [(here.replace("layer.tar", "VERSION"), b"1.0"), (here.replace("layer.tar", "json"), b'{"id":"x"}')]
    if flaw == "escape":
        names[1] = "../../../../etc/passwd"
    members.append((sum_of(config) + ".json", config.replace(b"2020", b"2021") if flaw == "config" else config))
    if kind != "v1":
        members.append(("manifest.json", json.dumps([{"Config": sum_of(config) + ".json", "RepoTags": [name], "Layers": names}]).encode()))
    members.append(("repositories", json.dumps({"made": {"1": "two"}}).encode()))
else:
    squeeze = {"oci-gzip": gzip.compress, "oci-zstd": lambda layer: subprocess.run(["zstd", "-qc"], input=layer, stdout=subprocess.PIPE, check=True).stdout}.get(kind, lambda layer: layer)
    suffix = {"oci-gzip": "+gzip", "oci-zstd": "+zstd"}.get(kind, "")

    def blob(content, media_type):
        members.append(("blobs/sha256/" + sum_of(content), content))
        return {"mediaType": "application/vnd.oci.image." + media_type, "digest": "sha256:" + sum_of(content), "size": len(content)}

    described = [blob(squeeze(layer), "layer.v1.tar" + suffix) for layer in layers]
    if flaw == "foreign":
        described[1]["mediaType"] = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
    manifest = blob(json.dumps({"schemaVersion": 2, "config": blob(config, "config.v1+json"), "layers": described}).encode(), "manifest.v1+json")
    if kind == "nested":
        other = blob(json.dumps({"schemaVersion": 2, "config": blob(config.replace(b"amd64", b"arm64"), "config.v1+json"), "layers": described}).encode(), "manifest.v1+json")
        other["platform"], manifest["platform"] = {"os": "linux", "architecture": "arm64"}, {"os": "linux", "architecture": "amd64"}
        manifest = blob(json.dumps({"schemaVersion": 2, "manifests": [other, manifest]}).encode(), "index.v1+json")
    manifest["annotations"] = {"org.opencontainers.image.ref.name": "1" if kind == "oci-tag" else "docker.io/library/" + name}
    members += [("index.json", json.dumps({"schemaVersion": 2, "manifests": [manifest]}).encode()), ("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')]
    if flaw == "config":
        members = [(where, content.replace(b"2020", b"2021") if where.endswith(sum_of(config)) else content) for where, content in members]

if flaw == "missing":
    members = [member for member in members if member[1] != layers[1]]
if flaw == "layer":
    members = [(where, content.replace(b"made\n", b"mode\n") if isinstance(content, bytes) and content.startswith(b"etc/made") else content) for where, content in members]
if flaw == "device":
    members.append(("null", (tarfile.CHRTYPE, "")))
sys.stdout.buffer.write(tar_of(members))
