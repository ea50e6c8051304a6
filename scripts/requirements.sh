# Sourced by the scripts of the root: installs what is missing where it may, and says exactly what to install where not.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Compiled ahead of time for this machine, so that a start takes one second rather than three.
publish_options=(--use-current-runtime --self-contained false -p:PublishReadyToRun=true --nologo -v quiet)

# What closes actions off, and what gives them their network: without that, they have none.
sandbox_packages=(bwrap:bubblewrap setpriv:util-linux)
network_packages=(pasta:passt nft:nftables ip:iproute2)

# As an ordinary user, some of them are not on PATH.
PATH=$PATH:/usr/sbin:/sbin

require_dotnet() {
    if ! command -v dotnet >/dev/null || ! dotnet --list-sdks 2>/dev/null | grep -qE '^1[0-9]\.'; then
        echo "signalbox: the .NET SDK 10 is needed and not on PATH. Install it (package dotnet-sdk-10.0), then run this again." >&2
        exit 1
    fi
}

# require_packages COMMAND:PACKAGE … : each command must exist; its Debian package is installed when we are root.
require_packages() {
    local missing=() pair
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "signalbox: missing: ${missing[*]}. Install them, for example: sudo apt-get update && sudo apt-get install -y ${missing[*]}" >&2
        exit 1
    fi
    echo "Installing ${missing[*]} ..." >&2
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >&2
}

# want_packages COMMAND:PACKAGE … : as require_packages, but goes on without them.
want_packages() {
    (require_packages "$@") || echo "signalbox: goes on without them." >&2
}
