# Says where this machine's Python 3 is, or what it says of the executable that is given. Its standard library is
# shown, modules that were added on the machine are not.
python=${1:-$(command -v python3)}
[ -n "$python" ] || exit 0
exec "$python" -I -c '
import os, sys, sysconfig
stdlib = sysconfig.get_path("stdlib")
print("executable=" + os.path.realpath(sys.executable))
print("version=" + ".".join(map(str, sys.version_info[:3])))
for folder in dict.fromkeys([stdlib, sysconfig.get_path("platstdlib")]):
    print("mount=" + folder)
    print("libraries=" + os.path.join(folder, "lib-dynload"))
    for added in ("site-packages", "dist-packages"):
        if os.path.isdir(os.path.join(folder, added)):
            print("hide=" + os.path.join(folder, added))
'
