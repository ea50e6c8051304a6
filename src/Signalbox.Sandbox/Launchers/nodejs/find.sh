# Says where this machine's Node.js is, or what it says of the executable that is given.
node=${1:-$(command -v node)}
[ -n "$node" ] || exit 0
exec "$node" -p '"executable=" + process.execPath + "\nversion=" + process.versions.node'
