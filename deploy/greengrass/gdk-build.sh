#!/usr/bin/env bash
# What "gdk component build" runs in this folder (gdk-config.json): ./dev publish, with its archive and recipe put where
# "gdk component publish" looks for them. That one fills in the bucket.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

../../dev publish >&2
published=../../artifacts/publish/greengrass
cp -r $published/artifacts greengrass-build/
cp $published/recipes/*.yaml greengrass-build/recipes/recipe.yaml
