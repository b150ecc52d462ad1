#!/bin/sh
# Installs the EdgeInference of this folder as a service, or upgrades to it. Configuration and state stay as they are. A service that
# runs is restarted, and where the new version does not become ready, the old one comes back and the exit code is 1.
# On a system that is not running (in a chroot, for an image), nothing is started.  Usage: sudo ./install.sh
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

service=edge-inference.service
link=/usr/lib/edge-inference
# The version whose installation was completed: what to go back to. Without it, there was none yet.
good=$link.good
configuration=/etc/edge-inference
# Seconds in which a restarted service is to be ready: a model that has to be compiled anew takes a while.
deadline=${EDGE_INFERENCE_DEADLINE:-900}

say() { printf 'install.sh: %s\n' "$*"; }
die() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
is_running() { [ -d /run/systemd/system ]; }

# What is in a folder, but for what a try in it has left.
content_of() { (cd "$1" && find . -path ./artifacts -prune -o -type f -exec sha256sum {} + | sort | sha256sum | cut -c 1-12); }

# Makes a link name another folder, in one step.
point() {
    ln -sfn "$2" "$1.new"
    mv -T "$1.new" "$1"
}

# Puts a file where systemd reads it; in one step, so that it is never half there.
put() {
    mkdir -p "$2"
    cp "$1" "$2/.$3.new"
    chmod 644 "$2/.$3.new"
    mv "$2/.$3.new" "$2/$3"
}

# Makes the version in a folder of /usr/lib the installed one. What is outside the folder is either a link or the same for all.
activate() {
    point $link "$1"
    put "$link/$service" /usr/lib/systemd/system $service
    put "$link/edge-inference.preset" /usr/lib/systemd/system-preset 50-edge-inference.preset
    put "$link/edge-inference.sysusers" /usr/lib/sysusers.d edge-inference.conf
    ln -sfn ../lib/edge-inference/edge-inference.sh /usr/bin/edge-inference
    mkdir -p /usr/share/edge-inference
    ln -sfn ../../lib/edge-inference/appsettings.json /usr/share/edge-inference/appsettings.json
    ln -sfn ../../lib/edge-inference/models /usr/share/edge-inference/models
    sync
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
content=$(content_of .)
new=edge-inference-${version%%+*}-$content
if [ ! -d "/usr/lib/$new" ] || [ "$(content_of "/usr/lib/$new")" != "$content" ]; then
    rm -rf $link.part
    mkdir $link.part
    find . -mindepth 1 -maxdepth 1 ! -name artifacts -exec cp -R -t $link.part {} +
    chown -R 0:0 $link.part
    chmod -R u=rwX,go=rX $link.part
    # systemd may not start what is labelled as a library.
    if command -v selinuxenabled >/dev/null && selinuxenabled; then chcon -t bin_t $link.part/edge-inference; fi
    sync
    rm -rf "/usr/lib/${new:?}"
    mv $link.part "/usr/lib/$new"
fi

old=$(readlink $good || true)
state=inactive
if is_running; then state=$(systemctl is-active $service || true); fi
case $state in
active | activating | reloading) runs=yes ;;
# Failed in an upgrade that was interrupted: it ran before that.
failed) [ "$(readlink $link)" = "$old" ] && runs=no || runs=yes ;;
*) runs=no ;;
esac
activate "$new"
systemd-sysusers edge-inference.conf
case $(systemctl is-enabled $service 2>/dev/null || true) in
masked*)
    say "$service is masked, and is left alone: systemctl unmask $service"
    runs=no
    ;;
*) [ -n "$old" ] || systemctl --quiet preset $service ;;
esac

if [ "$runs" = yes ]; then
    if ! bring_up; then
        say "version $version does not become ready. Its last messages:" >&2
        journalctl --no-pager --quiet -o cat -n 15 -u $service >&2 || true
        if [ -z "$old" ] || [ "$old" = "$new" ] || [ ! -d "/usr/lib/$old" ]; then die 'there is no other version to go back to'; fi
        activate "$old"
        bring_up || die "back at $old, which does not become ready either: journalctl -u $service"
        rm -rf "/usr/lib/$new"
        die "back at $old, which is ready"
    fi
elif is_running && systemctl --quiet is-enabled $service; then
    # It did not run before, either: there is nothing to go back for.
    bring_up || { point $good "$new"; die "installed $version, but it does not become ready: journalctl -u $service"; }
fi
point $good "$new"

# Versions that were installed before.
for folder in /usr/lib/edge-inference-*; do
    [ "$folder" = "/usr/lib/$new" ] || rm -rf "$folder"
done
say "installed $version"
if [ ! -e $configuration/appsettings.json ] && [ ! -e $configuration/environment ]; then
    say "next: sudo mkdir -p $configuration && sudo cp /usr/share/edge-inference/appsettings.json $configuration/, and describe your camera and model there;"
    say "then: sudo edge-inference check && sudo systemctl restart edge-inference"
fi
