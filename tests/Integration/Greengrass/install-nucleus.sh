#!/bin/sh
# Installs and starts, on a Debian that runs, the nucleus Lite that is in /root/nucleus: an installed tree (DESTDIR), or a .deb.
# Its cloud is a broker on this machine; certificates are in /etc/greengrass. Reads no input.
set -eu
export DEBIAN_FRONTEND=noninteractive

apt-get update -qq
if [ -d /root/nucleus ]; then
    apt-get install -qq -y --no-install-recommends cgroup-tools libcurl4 libevent-2.1-7 libsqlite3-0 libssl3 libsystemd0 liburiparser1 \
        libuuid1 libyaml-0-2 libzip4 >/dev/null
    cp -a /root/nucleus/. /
    for user in ggcore gg_component; do
        id "$user" >/dev/null 2>&1 || useradd --create-home --user-group "$user"
    done
else
    mv /root/nucleus /root/nucleus.deb
    apt-get install -qq -y --no-install-recommends libzip4 /root/nucleus.deb >/dev/null
fi
usermod --append --groups video gg_component
grep -q localhost /etc/hosts || echo '127.0.0.1 localhost' >>/etc/hosts

chown -R ggcore:ggcore /etc/greengrass
cat >/etc/greengrass/config.yaml <<'END'
---
system:
  privateKeyPath: "/etc/greengrass/device.key"
  certificateFilePath: "/etc/greengrass/device.pem"
  rootCaPath: "/etc/greengrass/ca.pem"
  rootPath: "/var/lib/greengrass"
  thingName: "line1-box"
services:
  aws.greengrass.NucleusLite:
    componentType: "NUCLEUS"
    configuration:
      awsRegion: "eu-central-1"
      iotCredEndpoint: "localhost"
      iotDataEndpoint: "localhost"
      iotRoleAlias: "none"
      runWithDefault:
        posixUser: "gg_component:gg_component"
      greengrassDataPlanePort: "8443"
      platformOverride: {}
END
# The nucleus counts the starts of a component, also those with the nucleus, and gives up at the fourth in an hour: docs/greengrass.md.
mkdir -p /etc/systemd/system/ggl.EdgeInference.service.d
cat >/etc/systemd/system/ggl.EdgeInference.service.d/edge-inference.conf <<'END'
[Unit]
StartLimitIntervalSec=0
[Service]
RestartSec=10
MemoryMax=2G
END

systemd-tmpfiles --create
cd /usr/lib/systemd/system
systemctl --quiet enable greengrass-lite.target ggl.*.socket ggl.*.service
systemctl daemon-reload
systemctl start greengrass-lite.target
