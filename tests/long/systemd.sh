# Sourced by tests of the package: systemd itself as process 1 of a tree, in namespaces of its own, with a cgroup of its own.
#
#   boot TREE       starts it and waits for its answer; 1 where this machine gives no cgroup or namespaces
#   in_system …     runs a command beside it
#   unboot          ends it and all that it has started
init= cgroup= unshared=

prepare_cgroup() {
    case $(stat -fc %T /sys/fs/cgroup 2>/dev/null) in
    cgroup2fs) cgroup=/sys/fs/cgroup/caducee-test-$$ ;;
    tmpfs) cgroup=/sys/fs/cgroup/systemd/caducee-test-$$ ;;
    *) return 1 ;;
    esac
    mkdir "$cgroup" 2>/dev/null || { cgroup=; return 1; }
}

# What process 1 does before it is systemd: mounts of its own over a copy of the tree's, then the tree as its root. $1: the tree.
become_init='
    set -e
    mount --make-rprivate /
    mount --rbind "$1" "$1"
    umount -l "$1/proc" 2>/dev/null || true
    mount -t proc proc "$1/proc"
    mount -t sysfs -o ro sys "$1/sys"
    if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
        mount -t cgroup2 cgroup "$1/sys/fs/cgroup"
    else
        mount -t tmpfs -o mode=755 cgroup "$1/sys/fs/cgroup"
        mkdir "$1/sys/fs/cgroup/systemd"
        mount -t cgroup -o none,name=systemd,xattr cgroup "$1/sys/fs/cgroup/systemd"
    fi
    mkdir -p "$1/mnt/before"
    cd "$1"
    pivot_root . mnt/before
    umount -l mnt/before
    exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=basic.target --log-target=null --show-status=no
'

boot() {
    local tries=0
    prepare_cgroup || return 1
    # shellcheck disable=SC2016
    unshare --pid --fork --mount --uts --ipc --kill-child \
        bash -c 'echo 0 >"$2/cgroup.procs" && exec unshare --cgroup bash -c "$3" init "$1"' init "$1" "$cgroup" "$become_init" \
        >"$1.boot.log" 2>&1 </dev/null &
    unshared=$!
    until [ $tries -ge 300 ] || ! kill -0 $unshared 2>/dev/null; do
        init=$(cat "/proc/$unshared/task/$unshared/children" 2>/dev/null | tr -d ' ')
        [ -n "$init" ] && in_system systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && return 0
        tries=$((tries + 1))
        sleep 0.2
    done
    cat "$1.boot.log"
    unboot
    return 1
}

in_system() { nsenter -t "$init" -m -u -i -p -C -r -w /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root "$@"; }

unboot() {
    [ -z "$init" ] || kill -9 "$init" 2>/dev/null || true # the end of process 1 is the end of all in its namespace
    [ -z "$unshared" ] || wait "$unshared" 2>/dev/null || true
    [ -z "$cgroup" ] || find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true
    init= cgroup= unshared=
}
