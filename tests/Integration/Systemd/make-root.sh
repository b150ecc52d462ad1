#!/usr/bin/env bash
# Makes the file system of a small Debian with systemd and ffmpeg, for the tests that boot one: artifacts/systemd-root/KEY, the key
# being what is in here. Takes a minute the first time, nothing later. Prints the folder.  Usage: make-root.sh (as root)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

((EUID == 0)) || { echo 'make-root.sh: the tests that boot a system must be run as root' >&2; exit 1; }

readonly release=bookworm packages=systemd,systemd-sysv,dbus,ffmpeg
readonly roots=$PWD/artifacts/systemd-root
key=$(sha256sum tests/Integration/Systemd/make-root.sh)
root=$roots/${key:0:16}

mkdir -p "$roots"
# ./dev test starts this while it builds; the tests then wait for it.
exec 9>"$roots/lock"
flock 9
if [[ ! -d $root ]]; then
    find "$roots" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
    mmdebstrap --quiet --variant=minbase --include=$packages $release "$root.part" >&2
    mv "$root.part" "$root"
fi
printf '%s\n' "$root"
