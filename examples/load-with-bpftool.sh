#!/bin/sh
# Loads a translated ruleset with bpftool and ip, in a network and mount namespace of its own: nothing of the machine is
# touched, and everything is gone when the shell ends. Needs root, bpftool, iproute2, llvm-objcopy and node.
#
#   examples/load-with-bpftool.sh RULESET [TARGET]     translates first (npm run build makes dist/cli.js)
#   examples/load-with-bpftool.sh OBJECT...            objects that nft2bpf compile made
#
# It does what docs/loading.md says: load, fill the maps from the manifest that lies in each object, attach, look.
set -eu

if [ "${NFT2BPF_PRIVATE:-}" != yes ]; then
  [ $# -gt 0 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
  NFT2BPF_PRIVATE=yes exec unshare -nm "$0" "$@"
fi

pins=/sys/fs/bpf
mount -t bpf bpf "$pins"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
objcopy=$(command -v llvm-objcopy-19 || command -v llvm-objcopy)

case $1 in
  *.o) ;;
  *)
    node "$(dirname "$0")/../dist/cli.js" compile "$1" --target "${2:-tc}" --vmlinux /sys/kernel/btf/vmlinux -o "$work/objects/"
    set -- "$work"/objects/*.o
    ;;
esac

# The commands that one manifest asks for, one a line: bpftool's for the maps, then devices and attaching.
commands() {
  node -e '
    const [, file, what, pins, program] = process.argv;
    const { maps, programs } = JSON.parse(require("fs").readFileSync(file, "utf8"));
    const bpftool = (...args) => JSON.parse(require("child_process").execFileSync("bpftool", ["-j", ...args]));
    const hex = bytes => "hex " + [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join(" ");
    const attach = {
      xdp: ({ device }) => `bpftool net attach xdpgeneric pinned ${pins}/${program} dev ${device}`,
      tc: ({ device, direction }) =>
        `tc filter add dev ${device} ${direction} bpf direct-action object-pinned ${pins}/${program}`,
      netfilter: () => `echo "netfilter programs are attached by libbpf (1.3 or later) or bpf(2), not by bpftool"`,
      cgroup_skb: ({ direction }) => `echo "attach to a cgroup: bpftool cgroup attach CGROUP cgroup_inet_${direction}"`,
    };
    if (what === "contents") {
      // By id: a map that several objects share is pinned under its own name, the others are not pinned.
      const shown = bpftool("prog", "show", "pinned", `${pins}/${program}`).map_ids ?? [];
      const ids = new Map(shown.map(id => [bpftool("map", "show", "id", String(id)).name, id]));
      // What has become a data section (.rodata.NAME) is there already, under that name.
      for (const { name, keySize, valueSize, count, keys, values } of maps.filter(map => ids.has(map.name))) {
        const [key, value] = [keys, values].map(text => Buffer.from(text, "base64"));
        for (let i = 0; i < count; i++) {
          const [k, v] = [key.subarray(i * keySize, (i + 1) * keySize), value.subarray(i * valueSize, (i + 1) * valueSize)];
          console.log(`map update id ${ids.get(name)} key ${hex(k)} value ${hex(v)}`);
        }
      }
    }
    const places = programs.flatMap(one => one.attach);
    if (what === "devices") for (const { device } of places) if (device) console.log(device);
    if (what === "attach") for (const place of places) console.log(attach[place.target](place));
  ' "$@"
}

for object in "$@"; do
  program=$(basename "$object" .o)
  manifest=$work/$program.json
  "$objcopy" --dump-section ".nft2bpf=$manifest" "$object" /dev/null

  echo "== $program: load"
  bpftool prog load "$object" "$pins/$program"

  echo "== $program: fill"
  commands "$manifest" contents "$pins" "$program" > "$work/contents"
  [ ! -s "$work/contents" ] || bpftool batch file "$work/contents" > "$work/log"

  echo "== $program: attach"
  for device in $(commands "$manifest" devices "$pins" "$program"); do
    ip link show "$device" > "$work/log" 2>&1 || ip link add "$device" type veth
    tc qdisc add dev "$device" clsact 2> "$work/log" || true
    ip link set "$device" up
  done
  commands "$manifest" attach "$pins" "$program" > "$work/attach"
  sh -eux "$work/attach"

  echo "== $program: a packet of 64 zero bytes"
  head -c 64 /dev/zero > "$work/packet"
  bpftool prog run pinned "$pins/$program" data_in "$work/packet" || true

  echo "== $program: what is loaded"
  bpftool prog show pinned "$pins/$program"
  for id in $(bpftool prog show pinned "$pins/$program" | sed -n 's/.*map_ids \([0-9,]*\).*/\1/p' | tr , ' '); do
    bpftool map show id "$id"
    bpftool map dump id "$id"
  done
done
bpftool net show
