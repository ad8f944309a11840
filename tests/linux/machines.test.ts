// Containers of LXC, systemd-nspawn and libvirt with a plain folder as their root, on a bridge, and a process with a tap: `patchcord map` finds
// their cables from both ends, and names them.

import { existsSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { Command } from "../cli/command.ts";
import { packageMissing, realKernelMissing } from "../real-kernel.ts";
import { apart } from "./run-apart.ts";

const missing = realKernelMissing() ?? packageMissing("busybox-static", "/bin/busybox");
const withoutLxc = missing ?? packageMissing("lxc", "/usr/bin/lxc-start");
const withoutNspawn = missing ?? packageMissing("systemd-container", "/usr/bin/systemd-nspawn");
/** What takes long to install is not installed for a test. */
const notThere = (name: string, file: string): string | undefined =>
  existsSync(file) ? undefined : `${name} is not installed`;
const withoutLibvirt =
  missing ??
  notThere("libvirt-daemon-driver-lxc", "/usr/lib/libvirt/libvirt_lxc") ??
  notThere("libvirt-clients", "/usr/bin/virsh");
const withoutDocker =
  missing ?? notThere("docker.io", "/usr/sbin/dockerd") ?? notThere("docker.io", "/usr/bin/docker");
const reasons = {
  LXC: withoutLxc,
  "systemd-nspawn": withoutNspawn,
  libvirt: withoutLibvirt,
  docker: withoutDocker,
};
for (const [what, why] of Object.entries(reasons))
  if (why !== undefined) console.log(`map of ${what}'s containers: not tested, ${why}`);
const command = new Command();
afterAll(() => command.remove());

/** Control groups of the place's own, a bridge, and a tree with one program. */
const TREE = `
mkdir /run/cgroup && mount -t cgroup2 cgroup2 /run/cgroup && mount --move /run/cgroup /sys/fs/cgroup || exit 91
for folder in bin usr etc proc sys dev tmp run var; do mkdir -p /run/tree/$folder; done; cp /bin/busybox /run/tree/bin; echo ID=tree >/run/tree/etc/os-release
ip link add br0 type bridge; ip link set br0 up
`;

const LXC = `${TREE}
mkdir -p /run/lxcpath/web-1; cat >/run/lxcpath/web-1/config <<'END'
lxc.uts.name = web-1
lxc.rootfs.path = dir:/run/tree
lxc.init.cmd = /bin/busybox sleep 600
lxc.apparmor.profile = unconfined
lxc.net.0.type = veth
lxc.net.0.link = br0
lxc.net.0.flags = up
lxc.net.0.name = eth0
lxc.net.0.ipv4.address = 10.6.0.2/24
END
timeout 20 lxc-start -P /run/lxcpath -n web-1 -d -o /run/log -l INFO 2>/run/why || { echo "no container: $(cat /run/why /run/log | tail -5)"; exit 0; }
pid=$(lxc-info -P /run/lxcpath -n web-1 -pH); link_local $pid eth0; veth=$(ip -br link show master br0 | sed 's/@.*//'); echo "pid $pid veth $veth"
for word in web-1 $veth $pid; do echo "== $word"; patchcord map $word; done
lxc-stop -P /run/lxcpath -n web-1 -k
`;

const NSPAWN = `${TREE}
systemd-nspawn --quiet --register=no --keep-unit -D /run/tree -M box --network-bridge=br0 /bin/busybox sleep 600 </dev/null >/run/log 2>&1 & outer=$!
wait_until "ip link show vb-box && pgrep -f '^/bin/busybox sleep 600' || ! kill -0 $outer" 2>>/run/log; pid=$(pgrep -f '^/bin/busybox sleep 600')
[ -n "$pid" ] || { echo "no container: $(tail -5 /run/log)"; kill $outer; exit 0; }
echo "pid $pid veth vb-box"
for word in box vb-box $pid; do echo "== $word"; patchcord map $word; done
kill -9 $pid; wait
`;

/** Control groups of version 1, which are the machine's. */
const VERSION_1 = `
mount -t tmpfs tmpfs /sys/fs/cgroup; for each in cpu cpuacct cpuset memory devices freezer blkio pids; do mkdir /sys/fs/cgroup/$each; mount -t cgroup -o $each $each /sys/fs/cgroup/$each 2>/dev/null; done
mkdir /sys/fs/cgroup/systemd; mount -t cgroup -o none,name=systemd systemd /sys/fs/cgroup/systemd`;

/** A daemon without networks of its own, and a cable. Its files tell the name of the container first, then only its socket does. */
const DOCKER = `${VERSION_1}
for folder in /var/log /var/lib /etc/docker; do mkdir -p $folder; mount -t tmpfs tmpfs $folder; done
/usr/sbin/dockerd --iptables=false --ip6tables=false --storage-driver=vfs --bridge=none --exec-opt native.cgroupdriver=cgroupfs >/run/log 2>&1 & daemon=$!
trap 'docker rm -f web >/run/made 2>&1; kill $daemon; wait $daemon 2>/run/why; rmdir /sys/fs/cgroup/*/docker 2>/run/why' EXIT
docker() { timeout 30 /usr/bin/docker "$@"; }
wait_until "docker version || ! kill -0 $daemon" 2>/run/why
mkdir -p /run/tree/bin; cp /bin/busybox /run/tree/bin; tar -C /run/tree -c . | docker import - tree >/run/made 2>&1
docker run -d --name web --network none tree /bin/busybox sleep 600 >/run/made 2>/run/why || { echo "no container: $(tail -2 /run/why /run/log)"; exit 0; }
pid=$(docker inspect -f '{{.State.Pid}}' web); ip link add br0 type bridge; ip link add veth9 type veth peer name eth0 netns $pid; ip link set veth9 master br0
echo "pid $pid veth veth9"; for word in web veth9; do echo "== $word"; patchcord map $word; done
mv /var/lib/docker/containers /var/lib/docker/hidden; echo "== $pid"; patchcord map $pid; mv /var/lib/docker/hidden /var/lib/docker/containers
`;

/** libvirtd with its LXC driver, which needs control groups of version 1 and a user that only Debian's service package makes. */
const LIBVIRT = `
${VERSION_1}
trap 'daemon=$(cat /run/libvirtd.pid); kill $daemon; wait_until "! kill -0 $daemon"; rmdir /sys/fs/cgroup/*/machine/*libvirt-lxc /sys/fs/cgroup/*/machine 2>/run/why' EXIT
for folder in bin usr etc proc sys dev tmp run var; do mkdir -p /run/tree/$folder; done; cp /bin/busybox /run/tree/bin
ip link add br0 type bridge; ip link set br0 up
for folder in /var/log /var/lib /var/cache /etc/libvirt; do mount -t tmpfs tmpfs $folder; done; mkdir -p /var/log/libvirt/lxc /var/lib/libvirt /var/cache/libvirt
for file in passwd group; do cp /etc/$file /run/$file; mount --bind /run/$file /etc/$file; done
echo libvirt-qemu:x:64055:64055::/:/bin/false >>/etc/passwd; printf 'libvirt-qemu:x:64055:\\nlibvirt:x:64056:\\n' >>/etc/group
/usr/sbin/libvirtd -d --pid-file /run/libvirtd.pid 2>/run/why && wait_until "[ -S /run/libvirt/libvirt-sock ]" 2>>/run/why
cat >/run/domain.xml <<'END'
<domain type='lxc'><name>vm-1</name><memory unit='KiB'>102400</memory><vcpu>1</vcpu>
<os><type>exe</type><init>/bin/busybox</init><initarg>sleep</initarg><initarg>600</initarg></os><devices><emulator>/usr/lib/libvirt/libvirt_lxc</emulator>
<filesystem type='mount'><source dir='/run/tree'/><target dir='/'/></filesystem><interface type='bridge'><source bridge='br0'/></interface><console type='pty'/></devices></domain>
END
virsh() { timeout 30 /usr/bin/virsh -q -c lxc:///system "$@"; }
virsh create /run/domain.xml >/run/made 2>>/run/why || { echo "no container: $(tail -2 /run/why)"; exit 0; }
wait_until "pgrep -f '^/bin/busybox sleep 600'" || { ps -e -o pid,args; virsh list; } >&2
pid=$(pgrep -f '^/bin/busybox sleep 600'); link_local $pid eth0; veth=$(ip -br link show master br0 | sed 's/@.*//'); echo "pid $pid veth $veth"
for word in vm-1 $veth $pid; do echo "== $word"; patchcord map $word; done
virsh destroy vm-1 >/run/made
`;

describe("map finds a container's cable from its name, its pid and the host's device", () => {
  test.for([
    ["lxc", "web-1", LXC, withoutLxc, "eth0"],
    ["nspawn", "box", NSPAWN, withoutNspawn, "host0"],
    ["libvirt", "vm-1", LIBVIRT, withoutLibvirt, "eth0"],
    ["docker", "web", DOCKER, withoutDocker, "eth0"],
  ] as const)("%s", { timeout: 300_000 }, ([engine, name, script, why, device], { skip }) => {
    if (why !== undefined) skip(why);
    const { stdout, stderr } = apart(command, script);
    if (stdout.startsWith("no container:")) {
      console.log(`map of ${engine}: not tested, none can run here: ${stdout}`);
      skip(stdout);
    }
    expect(stderr).toBe("");
    const [, pid = "", veth = ""] = /^pid (\d+) veth (\S+)$/m.exec(stdout) ?? [];
    const [, byName = "", byVeth, byPid] = stdout.split(/^== .*\n/m);
    for (const word of [name, engine, device, veth, "br0"]) expect(byName).toContain(word);
    for (const other of [byVeth, byPid]) expect(other).toBe(byName);
    expect(pid).not.toBe("");
  });
});

test("a tap is that of the process that has it open", { skip: missing !== undefined }, () => {
  const { stdout } = apart(
    command,
    `ip link add br0 type bridge; ip tuntap add tap7 mode tap
     perl -e 'open(F, "+<", "/dev/net/tun"); $r = pack("a16sx22", "tap7", 0x1002); ioctl(F, 0x400454ca, $r) or die; sleep 600' & pid=$!
     wait_until "grep 'iff:.*tap7' /proc/$pid/fdinfo/*"; ip link set tap7 master br0; echo "pid $pid"; patchcord map --explain tap7; kill $pid`,
  );
  const [, pid = ""] = /^pid (\d+)$/m.exec(stdout) ?? [];
  expect(stdout).toMatch(new RegExp(`^tap7 +tap +${pid} +- +tap7 \\(\\d+\\) +br0 `, "m"));
  expect(stdout).toMatch(new RegExp(`^ +/proc/${pid}/fdinfo/\\d+:iff:\\ttap7$`, "m"));
});
