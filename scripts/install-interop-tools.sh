#!/bin/sh
# Installs the programs that judge Netarium in `npm run test:interop`, as Debian packages. Needs root.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends openssl tshark curl gnutls-bin
