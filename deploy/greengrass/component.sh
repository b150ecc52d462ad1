#!/bin/sh
# What the recipe of the Greengrass component runs. "check" names what the configuration or the system lacks; "run" is the service.
# Everything that the service writes is in WORK.  Usage: component.sh check|run WORK
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
cd "$2"
work=$(pwd)

# Of the folders, systemd's names: the service knows them. In HOME, .NET looks for a user's certificates.
export HOME="$work" STATE_DIRECTORY="$work" CACHE_DIRECTORY="$work/cache"

# Nucleus Lite checks while the version before still runs: a folder like the work folder, but for that one's configuration and models.
if [ "$1" = check ]; then
    rm -rf check
    mkdir check
    ln -s "$work"/* check
    cd check
    rm -f check configuration models
fi

# The key Configuration, as the file that the service reads; a folder on the device is the alternative.
mkdir -p configuration
case ${EDGE_INFERENCE_CONFIGURATION-} in
'' | '{}') rm -f configuration/appsettings.json ;;
*)
    if [ -n "${CONFIGURATION_DIRECTORY-}" ]; then
        echo 'Configuration and ConfigurationDirectory are both set: leave one of them empty.'
        exit 78
    fi
    (umask 077 && printf '%s\n' "$EDGE_INFERENCE_CONFIGURATION" >configuration/appsettings.json.new)
    mv configuration/appsettings.json.new configuration/appsettings.json
    CONFIGURATION_DIRECTORY=$PWD/configuration
    ;;
esac
unset EDGE_INFERENCE_CONFIGURATION
[ -n "${CREDENTIALS_DIRECTORY-}" ] || unset CREDENTIALS_DIRECTORY
if [ -n "${CONFIGURATION_DIRECTORY-}" ]; then
    export CONFIGURATION_DIRECTORY
else
    unset CONFIGURATION_DIRECTORY
    # Pictures have a place without being given one, where no file can give it.
    if [ -n "${PARAM_ENABLE_LOCAL_JPEG_OUTPUT-}" ] && [ -z "${PARAM_OUTPUT_DIRECTORY-}" ]; then
        export PARAM_OUTPUT_DIRECTORY="$work/pictures"
    fi
fi
# The demo's models and videos, whatever the version: PARAM_MODEL_XML=models/parts-detector/parts-detector.xml
ln -sfn "$here/models" models

# The program takes the shell's place, so that signals reach it. A nucleus counts standard error as warnings.
exec "$here/edge-inference" "$1" 2>&1
