#!/bin/sh
# Writes the secrets of compose.yaml, random ones, to deploy/secrets (or the folder named). What is there stays as it is.
#
# Compose mounts these files into the containers as they are, mode and owner too, and every container runs as another
# user. So the files may be read by all and their folder be entered by you alone: on this machine nobody else gets to
# them, and in a container only what is mounted is there.
set -eu
umask 077
folder=${1:-$(dirname "$0")/../deploy/secrets}

mkdir -p "$folder"
chmod 700 "$folder"
for name in caseclock_writer_password caseclock_reader_password caseclock_staff_token \
  grafana_admin_password grafana_secret_key grafana_public_secret; do
  path=$folder/$name
  if [ -s "$path" ] && [ -f "$path" ]; then
    echo "kept     $path"
    continue
  fi
  if [ -e "$path" ]; then
    echo "secrets: $path is empty, or no file: remove it, then run this again" >&2
    exit 1
  fi
  new=$path.new.$$
  od -A n -N 24 -t x1 /dev/urandom | tr -d ' \n' >"$new" # 192 bits, in letters that need no quoting anywhere
  chmod 444 "$new"
  mv "$new" "$path"
  echo "written  $path"
done
