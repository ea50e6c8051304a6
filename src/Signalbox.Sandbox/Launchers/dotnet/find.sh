# Says where this machine's .NET 10 is, or what it says of the dotnet that is given: the host, the newest shared
# frameworks, and the compiler of the newest SDK, where there is one.
dotnet=${1:-$(command -v dotnet)}
[ -n "$dotnet" ] || exit 0
dotnet=$(readlink -f "$dotnet")
root=$(dirname "$dotnet")
newest() { ls -d "$root/$1"/10.* 2>/dev/null | sort -V | tail -n 1; }
runtime=$(newest shared/Microsoft.NETCore.App)
[ -n "$runtime" ] || exit 0
echo "executable=$dotnet"
echo "version=$(basename "$runtime")"
echo "mount=$root/host"
echo "mount=$runtime"
web=$(newest shared/Microsoft.AspNetCore.App)
[ -z "$web" ] || echo "mount=$web"
sdk=$(newest sdk)
[ -z "$sdk" ] || echo "mount=$sdk/Roslyn/bincore"
