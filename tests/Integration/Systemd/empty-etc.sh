#!/bin/sh
# Makes the system of a folder a stateless one, as Clear Linux ships: the tarball is installed into /usr, and /etc and /var are empty.
# Usage: empty-etc.sh TARBALL ROOT
set -eu

tarball=$1 root=$2
mkdir "$root/tmp/package"
tar -xzf "$tarball" -C "$root/tmp/package" --strip-components=1
# What the demo leaves, which is run in the same folder, is no part of the service.
mkdir "$root/tmp/package/artifacts"
echo picture >"$root/tmp/package/artifacts/picture.jpg"
mount -t proc proc "$root/proc"
chroot "$root" /tmp/package/install.sh
umount "$root/proc"
rm -r "$root/tmp/package"

# Debian's alternatives are links from /usr to /etc and back; a stateless system has the files themselves.
find "$root/usr" -type l -lname '/etc/alternatives/*' | while read -r link; do
    target=$(readlink "$root$(readlink "$link")") || continue
    ln -sf "$target" "$link"
done
rm -rf "${root:?}/etc" "${root:?}/var"
mkdir "$root/etc" "$root/var"
