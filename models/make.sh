#!/bin/sh
# Makes the demo models, the demo videos and their evaluation again.
#
#   models/make.sh            the real thing, into models/ (see README.md for the time it takes)
#   models/make.sh --quick    the whole pipeline with few pictures, into models/training/.cache/quick;
#                             the models it makes are poor
set -eu

here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1

case "${1:-}" in
    "")
        output=$here cache=$here/training/.cache/full
        train_scenes=8000 train_closeups=7200 detector_epochs=13 classifier_epochs=30
        test_scenes=600 test_closeups=1200 seconds=20
        ;;
    --quick)
        output=$here/training/.cache/quick/models cache=$here/training/.cache/quick
        train_scenes=320 train_closeups=480 detector_epochs=4 classifier_epochs=4
        test_scenes=40 test_closeups=60 seconds=4
        ;;
    *)
        echo "usage: $0 [--quick]" >&2
        exit 2
        ;;
esac

packages="python3-torch python3-numpy python3-opencv ffmpeg"
# shellcheck disable=SC2086 # the list is meant to be split
if ! dpkg -s $packages >/dev/null 2>&1; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get update
    $sudo apt-get install --yes --no-install-recommends $packages
fi

cd "$here/training"
$python dataset.py --cache "$cache" --domain training --scenes $train_scenes --closeups $train_closeups
$python dataset.py --cache "$cache" --domain unseen --scenes $test_scenes --closeups $test_closeups

$python train_classifier.py --cache "$cache" --pictures $train_closeups --epochs $classifier_epochs &
classifier=$!
$python train_detector.py --cache "$cache" --pictures $train_scenes --epochs $detector_epochs
wait $classifier

$python export.py --cache "$cache" --output "$output" --scenes $test_scenes --closeups $test_closeups
$python videos.py --output "$output/demo" --seconds $seconds
$python evaluate.py --cache "$cache" --output "$output" --scenes $test_scenes --closeups $test_closeups
