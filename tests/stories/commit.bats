# SPDX-License-Identifier: Apache-2.0
# Images made of containers.
load helpers

layers_of() { skiff inspect -f '{{json .RootFS.Layers}}' "$1"; }

@test "hosts edits are not committed, other changes are, and the second image stores only its own layer" {
    before=$(ls "$SKIFF_ROOT/layers")
    skiff run --name work busybox sh -c 'echo 10.9.8.7 shop >>/etc/hosts; echo made >/etc/mine; rm /etc/os-release; mkdir -p /srv/x; ln /etc/mine /srv/x/same'
    run skiff commit -m 'by hand' -a 'A. Body' work second:1
    ends_with 0
    [[ "$output" =~ ^sha256:[0-9a-f]{64}$ ]]
    run skiff run --rm second:1 sh -c 'cat /etc/mine; ls /etc/os-release; grep -c shop /etc/hosts; stat -c %h /srv/x/same'
    says $'made\nls: /etc/os-release: No such file or directory\n0\n2'
    [ "$(ls "$SKIFF_ROOT/layers" | wc -l)" = $(($(wc -w <<<"$before") + 1)) ]
    first=$(layers_of busybox)
    [[ "$(layers_of second:1)" == "${first%]},"* ]]
    run skiff history second:1
    mentions "by hand"
    run skiff inspect -f '{{.Author}}' second:1
    says "A. Body"
    own=$(comm -13 <(echo "$before") <(ls "$SKIFF_ROOT/layers"))
    run find "$SKIFF_ROOT/layers/$own/diff" -path '*/etc/hosts'
    says ""
    skiff rm work
    skiff rmi second:1
    [ "$(ls "$SKIFF_ROOT/layers")" = "$before" ]
}

@test "the same changes are the same layer, whenever they are committed" {
    skiff run --name one busybox sh -c 'echo a >/b; rm -r /var; mkdir /var; touch -d @1000 /b /var'
    skiff commit one same:1
    skiff commit one same:2
    [ "$(layers_of same:1)" = "$(layers_of same:2)" ]
    [ "$(skiff inspect -f '{{.RootFS.Layers}}' same:1)" != "$(skiff inspect -f '{{.RootFS.Layers}}' busybox)" ]
    run skiff run --rm same:2 ls /var
    says ""
    skiff rm one
    skiff rmi same:1 same:2
}

@test "commit: --change is applied over how the container was run" {
    skiff run --name two -e A=b -w /tmp busybox true
    skiff commit -c 'CMD ["sh","-c","echo $A $C; pwd"]' -c 'ENV C=d' -c 'HEALTHCHECK --interval=90s CMD true' two told
    run skiff run --rm told
    says $'b d\n/tmp'
    [ "$(layers_of told)" = "$(layers_of busybox)" ]
    run skiff commit -c 'RUN true' two bad
    refuses 1 "RUN"
    run skiff commit -c 'HEALTHCHECK --interval=0 CMD true' two bad
    refuses 1 "duration"
    run skiff commit nobody bad
    refuses 1 "no such container: nobody"
    skiff rm two
    skiff rmi told
}

@test "commit of a running container lets it go on" {
    id=$(skiff run -d busybox sh -c 'echo here >/here; sleep 1000')
    skiff exec "$id" sh -c 'until [ -s /here ]; do :; done'
    skiff commit --pause=false "$id" alive:0
    run skiff inspect -f "{{.State.Status}}" "$id"
    says running
    skiff commit --pause "$id" alive
    run skiff inspect -f '{{.State.Status}}' "$id"
    says running
    run skiff run --rm alive cat /here
    says here
    skiff rm -f "$id"
    skiff rmi alive:0 alive
}
