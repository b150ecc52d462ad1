#!/bin/sh
# The command edge-inference of an installed service. Run by root, check, devices and outbox look at what the service itself has: they
# run as its user, with its configuration, credentials and folders. Everything else, and whatever names a configuration, a model or
# an outbox of its own, is the program as it is.
set -eu
program=/usr/lib/edge-inference/edge-inference

case ${1-} in
check | devices | outbox) ;;
*) exec "$program" "$@" ;;
esac
for argument; do
    case $argument in
    --config* | --model* | --directory* | --help | -h | '-?') exec "$program" "$@" ;;
    esac
done
if [ ! -d /run/systemd/system ]; then
    exec "$program" "$@"
fi
if [ "$(id -u)" != 0 ]; then
    echo "edge-inference: not run by root: this looks at what you have, not at what the service has; for that: sudo edge-inference $*" >&2
    exec "$program" "$@"
fi

# As in the unit.
exec systemd-run --quiet --pipe --wait --collect --description="edge-inference $1" --property=User=edge-inference \
    --property=EnvironmentFile=-/etc/edge-inference/environment \
    --property=LoadCredential=edge-inference:/etc/edge-inference/credentials \
    --property=SetCredential=edge-inference:none \
    --property=ConfigurationDirectory=edge-inference \
    --property=DynamicUser=yes \
    --property=StateDirectory=edge-inference \
    --property=CacheDirectory=edge-inference \
    --property=StateDirectoryMode=0750 \
    --property=CacheDirectoryMode=0750 \
    --property=WorkingDirectory=/var/lib/edge-inference \
    --property=Environment=HOME=/var/lib/edge-inference \
    --property=UMask=0077 \
    --property=SupplementaryGroups="video render" \
    --property=PrivateTmp=yes \
    --property=ProtectHome=yes \
    --property=ProtectSystem=strict \
    -- "$program" "$@"
