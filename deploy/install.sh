#!/bin/sh
# Installs the EdgeInference of this folder as a service, or upgrades to it. Configuration and state stay as they are. A service that
# runs is restarted, and where the new version does not become ready, the old one comes back and the exit code is 1.
# On a system that is not running (in a chroot, for an image), nothing is started.  Usage: sudo ./install.sh
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

service=edge-inference.service
link=/usr/lib/edge-inference
configuration=/etc/edge-inference
# Seconds in which a restarted service is to be ready: a model that has to be compiled anew takes a while.
deadline=${EDGE_INFERENCE_DEADLINE:-900}

say() { printf 'install.sh: %s\n' "$*"; }
die() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
is_running() { [ -d /run/systemd/system ]; }

# Puts a file where systemd reads it; in one step, so that it is never half there.
put() {
    mkdir -p "$2"
    cp "$1" "$2/.$3.new"
    chmod 644 "$2/.$3.new"
    mv "$2/.$3.new" "$2/$3"
}

# Makes the version in a folder of /usr/lib the installed one. What is outside the folder is either a link or the same for all.
activate() {
    ln -s "$1" "$link.new"
    mv -T "$link.new" "$link"
    put "$link/$service" /usr/lib/systemd/system $service
    put "$link/edge-inference.preset" /usr/lib/systemd/system-preset 50-edge-inference.preset
    put "$link/edge-inference.sysusers" /usr/lib/sysusers.d edge-inference.conf
    ln -sfn ../lib/edge-inference/edge-inference.sh /usr/bin/edge-inference
    mkdir -p /usr/share/edge-inference
    ln -sfn ../../lib/edge-inference/appsettings.json /usr/share/edge-inference/appsettings.json
    ln -sfn ../../lib/edge-inference/models /usr/share/edge-inference/models
    if is_running; then systemctl daemon-reload; fi
}

# Returns when the service is ready, or is skipped for want of a configuration; fails when it has failed or the deadline is over.
bring_up() { timeout "$deadline" systemctl restart $service; }

[ "$(id -u)" = 0 ] || die 'run it as root: sudo ./install.sh'
version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
[ "${version:-0}" -ge 252 ] || die "the service needs systemd 252 or newer; here is ${version:-none} (Debian 12, Ubuntu 24.04 and Fedora 37 have it)"
if command -v dpkg-query >/dev/null && dpkg-query -W -f '${Status}' edge-inference 2>/dev/null | grep -q ' installed$'; then
    die 'the Debian package edge-inference is installed: upgrade with the .deb, or remove it first (apt-get remove edge-inference keeps configuration and state)'
fi
if [ -e $link ] && [ ! -L $link ]; then
    die "$link is a folder that this script has not made: move it away"
fi

cd "$(dirname "$0")"
version=$(./edge-inference --version) || die 'the program does not start on this system (it needs glibc 2.34 or newer and libstdc++)'
# Of the configuration nothing is asked here.
./edge-inference check 2>&1 | grep -E '^edge-inference: (ffmpeg|OpenSSL)' | sed 's/^edge-inference/install.sh: still missing/' >&2 || true

# Each build has a folder of its own, named by what is in it.
content=$(find . -type f -exec sha256sum {} + | sort | sha256sum | cut -c 1-12)
new=edge-inference-${version%%+*}-$content
old=$(readlink $link || true)
if [ ! -d "/usr/lib/$new" ]; then
    rm -rf /usr/lib/edge-inference.part
    cp -R . /usr/lib/edge-inference.part
    chown -R 0:0 /usr/lib/edge-inference.part
    chmod -R u=rwX,go=rX /usr/lib/edge-inference.part
    sync
    mv /usr/lib/edge-inference.part "/usr/lib/$new"
fi

state=inactive
if is_running; then state=$(systemctl is-active $service || true); fi
rm -f $link.new
activate "$new"
systemd-sysusers edge-inference.conf
[ -n "$old" ] || systemctl --quiet preset $service

if [ "$state" = active ] || [ "$state" = activating ] || [ "$state" = reloading ]; then
    if ! bring_up; then
        say "version $version does not become ready. Its last messages:" >&2
        journalctl --no-pager --quiet -o cat -n 15 -u $service >&2 || true
        if [ "$old" = "$new" ] || [ ! -d "/usr/lib/$old" ]; then die 'there is no other version to go back to'; fi
        activate "$old"
        bring_up || die "back at $old, which does not become ready either: journalctl -u $service"
        rm -rf "/usr/lib/$new"
        die "back at $old, which is ready"
    fi
elif is_running && systemctl --quiet is-enabled $service; then
    bring_up || die "installed $version, but it does not become ready: journalctl -u $service"
fi

# Versions that were installed before.
for folder in /usr/lib/edge-inference-*; do
    [ "$folder" = "/usr/lib/$new" ] || rm -rf "$folder"
done
say "installed $version"
if [ ! -e $configuration/appsettings.json ] && [ ! -e $configuration/environment ]; then
    say "next: mkdir -p $configuration && cp /usr/share/edge-inference/appsettings.json $configuration/, and describe your camera and model there;"
    say "then: edge-inference check && systemctl restart edge-inference"
fi
