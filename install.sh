#!/bin/sh
# Installs eci: downloads a release, verifies its checksum, and puts `eci` with its two links into a directory.
#
#   ECI_VERSION       the version                           (default: 0.1.0)
#   ECI_INSTALL_DIR   the directory                         (default: ~/.local/bin)
#   ECI_INSTALL_URL   the address of the files of a release (default: that of GitHub)
set -eu

fail() {
    printf 'error: %s\nhelp: %s\n' "$1" "$2" >&2
    exit 1
}

version=${ECI_VERSION:-0.1.0}
# The name of a tag is a version, too.
version=${version#v}
directory=${ECI_INSTALL_DIR:-${HOME:+$HOME/.local/bin}}
[ -n "$directory" ] || fail 'no directory to install to: HOME is not set' 'set ECI_INSTALL_DIR, for example to /usr/local/bin'
url=${ECI_INSTALL_URL:-https://github.com/eci-provisioner/eci/releases/download/v$version}

# A file moved to a directory would end in it.
for name in eci eci-plan eci-apply; do
    [ ! -d "$directory/$name" ] || fail "cannot install $directory/$name: it is a directory" 'remove it, or set ECI_INSTALL_DIR to another directory'
done

case $(uname -s) in
    Linux) ;;
    *) fail "no release for $(uname -s)" 'build it: cargo install --git https://github.com/eci-provisioner/eci eci-cli' ;;
esac
case $(uname -m) in
    x86_64 | amd64) target=x86_64-unknown-linux-musl ;;
    aarch64 | arm64) target=aarch64-unknown-linux-musl ;;
    *) fail "no release for $(uname -m)" 'build it: cargo install --git https://github.com/eci-provisioner/eci eci-cli' ;;
esac

# download NAME: prints nothing; the file is in the temporary directory.
download() {
    if command -v curl > /dev/null; then
        curl --fail --silent --show-error --location --retry 3 --output "$temporary/$1" "$url/$1"
    elif command -v wget > /dev/null; then
        wget -q -O "$temporary/$1" "$url/$1"
    else
        fail 'neither curl nor wget found' 'install one of them'
    fi || fail "failed to download $url/$1" 'check the version in ECI_VERSION and the connection'
}

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
name=eci-$version-$target
download "$name.tar.gz"
download SHA256SUMS

expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $name\.tar\.gz\$/\1/p" "$temporary/SHA256SUMS")
[ -n "$expected" ] || fail "SHA256SUMS does not list $name.tar.gz" 'check the version in ECI_VERSION'
if command -v sha256sum > /dev/null; then
    actual=$(sha256sum "$temporary/$name.tar.gz")
else
    actual=$(shasum -a 256 "$temporary/$name.tar.gz")
fi
actual=${actual%% *}
[ "$actual" = "$expected" ] || fail "$name.tar.gz has the checksum $actual, expected $expected" 'download it again; if the checksum stays the same, do not use the file'

tar -xzf "$temporary/$name.tar.gz" -C "$temporary"
mkdir -p "$directory"
# A rename replaces a program that is running.
cp "$temporary/$name/eci" "$directory/.eci-new-$$"
chmod 755 "$directory/.eci-new-$$"
mv -f "$directory/.eci-new-$$" "$directory/eci"
ln -sf eci "$directory/eci-plan"
ln -sf eci "$directory/eci-apply"
"$directory/eci" --version
case :$PATH: in
    *:"$directory":*) ;;
    *) printf 'note: %s is not in PATH\n' "$directory" >&2 ;;
esac
