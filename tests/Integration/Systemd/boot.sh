#!/bin/sh
# Boots a system in a container until standard input ends: however the test ends, so does the container, and nothing of it is left.
# The system sees a file system made of ROOT, which stays as it is, and of one in memory, seen in the folder WORK, which takes what it
# writes (an overlay cannot: /tmp is one where this itself runs in a container). PREPARE is run on it before it boots. All mounts, /run and the processes are the container's own; only its control groups are outside.
# Usage: boot.sh ROOT WORK PREPARE [ARGUMENT...]
set -eu

[ "$(id -u)" = 0 ] || { echo 'boot.sh: the tests that boot a system must be run as root' >&2; exit 1; }
if [ "${BOOT_INSIDE-}" = "" ]; then
    name=edge-inference-test-$$
    # Two containers in one group would take each other's. With one hierarchy or several: the kernel decides.
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
        [ -e $hierarchy/cgroup.procs ] || continue
        mkdir $hierarchy/$name
        echo $$ >$hierarchy/$name/cgroup.procs
    done
    status=0
    BOOT_INSIDE=1 unshare --mount --propagation private --pid --fork --kill-child --mount-proc "$0" "$@" || status=$?
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
        [ -e $hierarchy/$name ] || continue
        echo $$ >$hierarchy/cgroup.procs
        find $hierarchy/$name -depth -type d -exec rmdir {} + || status=1
    done
    exit $status
fi

root=$1 work=$2
shift 2
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs "$work"
mkdir -p /run/systemd/nspawn "$work/upper" "$work/overlay" "$work/root"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/overlay" "$work/root"
"$@" "$work/root"
# At its first boot a system may ask on its console who it is to be; here nobody answers.
systemd-nspawn --quiet --directory="$work/root" --register=no --keep-unit --boot systemd.firstboot=off </dev/null &
# This is the first process of its name space: when it ends, so do all others.
cat >/dev/null
