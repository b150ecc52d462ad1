#!/bin/sh
# Removes what install.sh has installed. Configuration (/etc/edge-inference) and state (reports that wait, pictures) stay, unless
# --purge is given.  Usage: sudo /usr/lib/edge-inference/uninstall.sh [--purge]
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

service=edge-inference.service

# In a function, because the shell reads this file while it runs, and the file is among what is removed.
main() {
    [ "$(id -u)" = 0 ] || { echo 'uninstall.sh: run it as root' >&2; exit 1; }
    case ${1-} in
    '' | --purge) ;;
    *) echo "uninstall.sh: '$1' is not known; --purge removes configuration and state, too" >&2; exit 64 ;;
    esac
    if [ -e /usr/lib/edge-inference ] && [ ! -L /usr/lib/edge-inference ]; then
        echo 'uninstall.sh: install.sh has not installed this; where it was the Debian package: apt-get remove edge-inference' >&2
        exit 1
    fi

    if [ -e /usr/lib/systemd/system/$service ]; then
        # As with a Debian package, the link that enables it stays where its configuration does: whatever is installed next finds it.
        [ ! -d /run/systemd/system ] || systemctl stop $service
    fi
    rm -f /usr/lib/systemd/system/$service /usr/lib/systemd/system-preset/50-edge-inference.preset \
        /usr/lib/sysusers.d/edge-inference.conf /usr/bin/edge-inference
    # What ends in .new, .part or begins with a dot, an interrupted installation has left.
    rm -f /usr/lib/systemd/system/.$service.new /usr/lib/systemd/system-preset/.50-edge-inference.preset.new \
        /usr/lib/sysusers.d/.edge-inference.conf.new
    rm -rf /usr/share/edge-inference /usr/lib/edge-inference /usr/lib/edge-inference-* /usr/lib/edge-inference.*
    [ ! -d /run/systemd/system ] || systemctl daemon-reload
    [ "${1-}" = --purge ] || { echo 'uninstall.sh: removed; /etc/edge-inference and /var/lib/private/edge-inference stay (--purge removes them)'; return; }
    rm -rf /etc/edge-inference /etc/systemd/system/multi-user.target.wants/$service /etc/systemd/system/$service.d \
        /var/lib/edge-inference /var/lib/private/edge-inference /var/cache/edge-inference /var/cache/private/edge-inference
    echo 'uninstall.sh: removed, with configuration and state'
}

main "$@"
