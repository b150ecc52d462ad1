#!/bin/sh
# What the recipe of the Greengrass component runs. "check" names what the configuration or the system lacks; "run" is the service.
# Everything that the service writes is in WORK.  Usage: component.sh check|run WORK
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2/configuration"
cd "$2"
work=$(pwd)

# Of the folders, systemd's names: the service knows them. In HOME, .NET looks for a user's certificates.
export HOME="$work" STATE_DIRECTORY="$work" CACHE_DIRECTORY="$work/cache"

# The key Configuration, as the file that the service reads; a folder on the device is the alternative.
case ${EDGE_INFERENCE_CONFIGURATION-} in
'' | '{}') ;;
*)
    printf '%s\n' "$EDGE_INFERENCE_CONFIGURATION" >configuration/appsettings.json.new
    mv configuration/appsettings.json.new configuration/appsettings.json
    CONFIGURATION_DIRECTORY=$work/configuration
    ;;
esac
[ -n "${CONFIGURATION_DIRECTORY-}" ] || unset CONFIGURATION_DIRECTORY
[ -n "${CREDENTIALS_DIRECTORY-}" ] || unset CREDENTIALS_DIRECTORY
[ -z "${CONFIGURATION_DIRECTORY-}" ] || export CONFIGURATION_DIRECTORY
unset EDGE_INFERENCE_CONFIGURATION

# Pictures have a place without being given one.
if [ -n "${PARAM_ENABLE_LOCAL_JPEG_OUTPUT-}" ] && [ -z "${PARAM_OUTPUT_DIRECTORY-}" ]; then
    export PARAM_OUTPUT_DIRECTORY="$work/pictures"
fi
# The demo's models and videos, whatever the version: PARAM_MODEL_XML=models/parts-detector/parts-detector.xml
ln -sfn "$here/models" models

# The program takes the shell's place, so that signals reach it. A nucleus counts standard error as warnings.
exec "$here/edge-inference" "$1" 2>&1
