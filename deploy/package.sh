#!/usr/bin/env bash
# Makes edge-inference-<version>-linux-x64.tar.gz: the service for a machine without .NET, the demo, and the licences of all
# that is in it; edge-inference_<version>_amd64.deb of the same; and in greengrass/, the same as a Greengrass component, with its recipe.
# The recipe says in which bucket the archive will be: GREENGRASS_BUCKET. ./dev publish installs what this needs, and runs it.
# Usage: deploy/package.sh [FOLDER]
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly service=src/EdgeInference.Service
readonly onnxruntime=src/EdgeInference.Native/node_modules/onnxruntime-node
readonly onnxruntime_texts=Microsoft.ML.OnnxRuntime.Managed
readonly component=EdgeInference
readonly jpeg_package=libturbojpeg0
readonly jpeg_library=libturbojpeg.so.0

die() { printf 'deploy/package.sh: %s\n' "$*" >&2; exit 1; }

# The time of all files, so that the same commit gives the same bytes.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null)} || die 'no commit to take the time from: set SOURCE_DATE_EPOCH'
version=$(dotnet msbuild $service -getProperty:Version)
name=edge-inference-$version-linux-x64
output=$(realpath -m "${1:-artifacts/publish}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/$name

build() {
    # What was compiled ahead before is not taken again: a package of another version may be older than it.
    rm -rf artifacts/obj/EdgeInference.Service/release_linux-x64
    dotnet restore $service --locked-mode --verbosity quiet -p:SelfContainedPackage=true
    packages=$(dotnet msbuild $service -getProperty:NuGetPackageRoot -p:SelfContainedPackage=true)
    dotnet publish $service --configuration Release --no-restore --verbosity quiet --nologo \
        -p:SelfContainedPackage=true -p:PackageFilesList="$work/files" --output "$root"
}

add_files() {
    local library
    library=$(dpkg -L $jpeg_package | grep "/$jpeg_library\$") || die "the Debian package $jpeg_package is not installed"
    cp -L "$library" "$root/$jpeg_library"
    cp deploy/edge-inference.{service,preset,sysusers,sh} deploy/{install,uninstall}.sh deploy/appsettings.json LICENSE "$root"
    cp deploy/greengrass/component.sh "$root"
    cp deploy/package-readme.md "$root/README.md"
    mkdir -p "$root/models/demo"
    cp models/demo/appsettings.json models/demo/*.mp4 "$root/models/demo"
    cp -r models/parts-detector models/parts-classifier "$root/models"
}

# One line for each part, in THIRD-PARTY-NOTICES.
list_part() { printf '%s\t%s\t%s\t%s\tLICENSES/%s.txt\n' "$@" >>"$work/parts"; }

element() { sed -n "s:.*<$1[^>]*>\([^<]*\)</$1>.*:\1:p" "$2" | head -n 1; }

# The licence of a part that came from NuGet: the package's own text, else that of the licence it names.
license_nuget() {
    local id=$1 version=$2 folder nuspec licence text copyright source
    folder=$packages${id,,}/$version
    nuspec=$folder/${id,,}.nuspec
    [[ -f $nuspec ]] || die "$id $version: no $nuspec"
    text=$(find "$folder" -maxdepth 1 -type f -iname 'licen[sc]e*' -size +0 | sort | head -n 1)
    licence=$(element 'license' "$nuspec")
    [[ $(grep -c '<license type="file">' "$nuspec") == 0 ]] || licence=$(head -n 1 "$text" | tr -d '\r')
    [[ -n $licence ]] || die "$id $version: its package names no licence"
    source=$(sed -n 's:.*<repository [^>]*url="\([^"]*\)".*:\1:p' "$nuspec")
    source=${source:-$(element projectUrl "$nuspec")}
    copyright=$(element copyright "$nuspec")
    {
        printf '%s %s\n%s\nLicence: %s\n\n' "$id" "$version" "$source" "$licence"
        if [[ -n $text ]]; then
            cat "$text"
        else
            [[ $copyright == *[Cc]opyright* || $copyright == *©* ]] || copyright="Copyright (c) ${copyright:-$(element authors "$nuspec")}"
            printf '%s\n\n' "$copyright"
            text_of "$licence" || die "$id $version: no text of the licence '$licence' in deploy/licences"
        fi
    } | tr -d '\r' >"$root/LICENSES/$id.txt"
    add_notices "$id" "$folder"
    list_part "$id" "$version" "$licence" "$source" "$id"
}

text_of() {
    local file=deploy/licences/$1.txt
    [[ $1 != Apache-2.0 ]] || file=LICENSE
    [[ -s $file ]] && cat "$file"
}

# What a part itself holds of others. Many packages bring the same text: it is kept once, and named by the others.
declare -A notices=()
add_notices() {
    local id=$1 text sum
    text=$(find "$2" -maxdepth 1 -type f -iname '*third*party*notices*' | head -n 1)
    [[ -n $text ]] || return 0
    sum=$(sha256sum <"$text")
    if [[ -z ${notices[$sum]-} ]]; then
        notices[$sum]=$id.notices.txt
        tr -d '\r' <"$text" >"$root/LICENSES/$id.notices.txt"
    fi
    printf '\nWhat it holds of others: %s\n' "${notices[$sum]}" >>"$root/LICENSES/$id.txt"
}

add_licences() {
    mkdir "$root/LICENSES"
    local file id version known
    while IFS='|' read -r id version; do
        license_nuget "$id" "$version"
    done < <(cut -d'|' -f2,3 "$work/files" | grep -v '^|' | sort -u)

    # What is from no NuGet package is ours, or one of the libraries below.
    while IFS='|' read -r file id version; do
        [[ -n $id || $file =~ ^(edge-inference|EdgeInference)(\.[A-Za-z]+)*$ || $file == appsettings.json || $file == libonnxruntime.so.1 ]] ||
            die "$file: where it is from, and so its licence, is not known"
    done <"$work/files"
    for file in "$root"/*.so*; do
        known=" libonnxruntime.so.1 $jpeg_library libe_sqlite3.so "
        [[ $known == *" ${file##*/} "* ]] || die "${file##*/}: its licence is not known"
    done

    license_onnxruntime
    license_jpeg
    license_sqlite
}

license_onnxruntime() {
    local version folder
    version=$(sed -n 's/^ *"version": "\(.*\)",\?$/\1/p' $onnxruntime/package.json)
    folder=$packages${onnxruntime_texts,,}/$version
    [[ -s $folder/LICENSE.txt ]] || die "ONNX Runtime $version: $onnxruntime_texts in $service is of another version"
    {
        printf 'ONNX Runtime %s (libonnxruntime.so.1)\nhttps://github.com/microsoft/onnxruntime\nLicence: MIT\n\n' "$version"
        tr -d '\r' <"$folder/LICENSE.txt"
    } >"$root/LICENSES/onnxruntime.txt"
    add_notices onnxruntime "$folder"
    list_part 'ONNX Runtime' "$version" MIT https://github.com/microsoft/onnxruntime onnxruntime
}

license_jpeg() {
    local version text=/usr/share/doc/$jpeg_package/copyright
    version=$(dpkg-query -W -f '${Version}' $jpeg_package)
    [[ -s $text ]] || die "libjpeg-turbo: no $text (Debian's images without documentation lack it: apt-get install --reinstall $jpeg_package)"
    {
        printf 'libjpeg-turbo, Debian %s (%s)\nhttps://github.com/libjpeg-turbo/libjpeg-turbo\n\n' "$version" "$jpeg_library"
        cat "$text"
    } >"$root/LICENSES/libjpeg-turbo.txt"
    list_part libjpeg-turbo "$version" 'IJG, BSD-3-Clause, Zlib' https://github.com/libjpeg-turbo/libjpeg-turbo libjpeg-turbo
}

license_sqlite() {
    local version
    version=$(grep -aoE '\b3\.[0-9]{1,2}\.[0-9]{1,2}\b' "$root/libe_sqlite3.so" | head -n 1) || die 'libe_sqlite3.so: does not tell its version'
    {
        printf 'SQLite %s (libe_sqlite3.so)\nhttps://www.sqlite.org\n\n' "$version"
        cat deploy/licences/SQLite.txt
    } >"$root/LICENSES/sqlite.txt"
    list_part SQLite "$version" 'public domain' https://www.sqlite.org sqlite
}

write_notices() {
    {
        printf 'EdgeInference %s is under the licence in LICENSE. This package also holds:\n\n' "$version"
        { printf 'name\tversion\tlicence\tsource\ttext\n'; sort -f "$work/parts"; } |
            awk -F '\t' '{printf "%-56s  %-18s  %-24s  %-58s  %s\n", $1, $2, $3, $4, $5}'
    } >"$root/THIRD-PARTY-NOTICES"
}

pack() {
    # Files of NuGet packages have modes of their own.
    find "$root" -type d -exec chmod 755 {} +
    find "$root" -type f -exec chmod 644 {} +
    chmod 755 "$root/edge-inference" "$root"/*.sh
    find "$root" -exec touch --date="@$epoch" {} +
    mkdir -p "$output"
    # The archives of the component and of the tarball take several seconds each.
    pack_component &
    local zipping=$!
    tar --create --format=gnu --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --directory "$work" "$name" |
        gzip --no-name >"$output/$name.tar.gz.part"
    mv "$output/$name.tar.gz.part" "$output/$name.tar.gz"
    wait $zipping
}

# As greengrass-cli, ggl-cli and the console's upload want it. The nucleus that unpacks the archive gives its own modes to the files.
pack_component() {
    local folder=$output/greengrass artifacts archive
    artifacts=$folder/artifacts/$component/$version
    archive=$artifacts/edge-inference.zip
    rm -rf "$folder"
    mkdir -p "$artifacts" "$folder/recipes"
    # An archive has local times.
    export TZ=UTC
    (cd "$root" && find . -type f -printf '%P\n' | sort | zip -q -X -@ "$archive.part.zip")
    mv "$archive.part.zip" "$archive"
    sed "s/COMPONENT_VERSION/$version/; s|s3://BUCKET_NAME/|s3://${GREENGRASS_BUCKET:-BUCKET_NAME}/|" deploy/greengrass/recipe.yaml \
        >"$folder/recipes/$component-$version.yaml"
}

# The same files where install.sh would put them.
pack_deb() {
    local tree=$work/deb deb lib=usr/lib/edge-inference doc=usr/share/doc/edge-inference
    # Debian's versions have ~ before what comes earlier.
    local deb_version=${version/-/\~}
    deb=edge-inference_${deb_version}_amd64.deb
    mkdir -p "$tree"/{DEBIAN,usr/bin,usr/lib/systemd/system{,-preset},usr/lib/sysusers.d,usr/share/edge-inference,$doc}
    mv "$root" "$tree/$lib"
    rm "$tree/$lib"/{install,uninstall,component}.sh
    mv "$tree/$lib/edge-inference.service" "$tree/usr/lib/systemd/system/"
    mv "$tree/$lib/edge-inference.preset" "$tree/usr/lib/systemd/system-preset/50-edge-inference.preset"
    mv "$tree/$lib/edge-inference.sysusers" "$tree/usr/lib/sysusers.d/edge-inference.conf"
    ln -s ../lib/edge-inference/edge-inference.sh "$tree/usr/bin/edge-inference"
    ln -s ../../lib/edge-inference/{appsettings.json,models} "$tree/usr/share/edge-inference/"
    mv "$tree/$lib/THIRD-PARTY-NOTICES" "$tree/$lib/LICENSES" "$tree/$doc/"
    rm "$tree/$lib/LICENSE"
    cp deploy/debian/copyright CHANGELOG.md "$tree/$doc/"

    cp deploy/debian/{preinst,postinst,prerm,postrm} "$tree/DEBIAN/"
    sed "s/@VERSION@/$deb_version/; s/@SIZE@/$(du -sk --apparent-size "$tree/usr" | cut -f 1)/" deploy/debian/control >"$tree/DEBIAN/control"
    (cd "$tree" && find usr -type f -printf '%P\n' | sort | sed 's:^:usr/:' | xargs -d '\n' md5sum >DEBIAN/md5sums)
    find "$tree" -type d -exec chmod 755 {} +
    chmod 644 "$tree/DEBIAN"/{control,md5sums} "$tree/$doc"/{copyright,CHANGELOG.md}
    chmod 755 "$tree/DEBIAN"/p*
    find "$tree" -exec touch --no-dereference --date="@$epoch" {} +
    # gzip, because xz takes longer than all the rest.
    SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group -Zgzip -z6 --build "$tree" "$output/$deb.part" >/dev/null
    mv "$output/$deb.part" "$output/$deb"
    printf '%s\n' "$output/$deb"
}

build
add_files
add_licences
write_notices
pack
pack_deb
printf '%s\n' "$output/$name.tar.gz"
