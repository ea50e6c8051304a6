# Says where this machine's .NET 10 is, or what it says of the dotnet that is given: the host, the newest shared
# frameworks, and the compiler of the newest SDK, where there is one. The command on PATH may be a wrapper.
dotnet=${1:-$(command -v dotnet)}
[ -n "$dotnet" ] || exit 0
shared=$("$dotnet" --list-runtimes | sed -n 's/^Microsoft\.NETCore\.App 10\.[^[]*\[\(.*\)\/Microsoft\.NETCore\.App\]$/\1/p' | tail -n 1)
[ -n "$shared" ] || exit 0
root=$(dirname "$shared")
newest() { ls -d "$root/$1"/10.* 2>/dev/null | sort -V | tail -n 1; }
runtime=$(newest shared/Microsoft.NETCore.App)
echo "executable=$root/dotnet"
echo "version=$(basename "$runtime")"
echo "mount=$root/host"
echo "mount=$runtime"
web=$(newest shared/Microsoft.AspNetCore.App)
[ -z "$web" ] || echo "mount=$web"
sdk=$(newest sdk)
[ -z "$sdk" ] || echo "mount=$sdk/Roslyn/bincore"
