// A container of podman with a plain folder as its root, on a bridge of CNI: `patchcord map` finds its cable from both ends,
// and names it.

import { afterAll, expect, test } from "vitest";
import { Command } from "../cli/command.ts";
import { packageMissing, realKernelMissing } from "../real-kernel.ts";
import { apart } from "./run-apart.ts";

const missing =
  realKernelMissing() ??
  packageMissing("podman", "/usr/bin/podman") ??
  packageMissing("containernetworking-plugins", "/usr/lib/cni/bridge") ??
  packageMissing("busybox-static", "/bin/busybox");
if (missing !== undefined) console.log(`map of a container: not tested, ${missing}`);
const command = new Command();
afterAll(() => command.remove());

/** Storage and networks of the place's own; no addresses are translated, so no firewall is needed. */
const PLACE = `
for folder in /var/lib/containers /var/lib/cni /etc/cni/net.d; do mkdir -p $folder; mount -t tmpfs tmpfs $folder || exit 92; done
cat >/etc/cni/net.d/10-lab.conflist <<'END'
{ "cniVersion": "0.4.0", "name": "lab", "plugins": [ { "type": "bridge", "bridge": "cni-lab", "isGateway": true,
  "ipMasq": false, "ipam": { "type": "host-local", "ranges": [[ { "subnet": "10.88.7.0/24" } ]] } } ] }
END
mkdir -p /run/root/bin /run/root/proc /run/root/sys /run/root/dev /run/root/etc /run/root/tmp /run/root/run
cp /bin/busybox /run/root/bin/
podman() { timeout 60 /usr/bin/podman --cgroup-manager=cgroupfs --events-backend=none "$@"; }
start() { podman run -d --name web --ulimit nofile=256:256 --ulimit nproc=256:256 --security-opt seccomp=unconfined --network=lab "$@" --rootfs /run/root /bin/busybox sleep 300 >/run/id 2>/run/why || { echo "no container: $(cat /run/why)"; exit 0; }; }
`;

const CONTAINER = `
mkdir /run/cgroup && mount -t cgroup2 cgroup2 /run/cgroup && mount --move /run/cgroup /sys/fs/cgroup || exit 91
${PLACE}
start --cgroups=disabled
pid=$(podman inspect -f '{{.State.Pid}}' web); link_local $pid eth0; veth=$(ip -br link show master cni-lab | sed 's/@.*//')
echo "pid $pid, id $(head -c 12 /run/id), veth $veth"
for word in web $veth $pid; do echo "== $word"; patchcord map $word; done
echo "== explained"; patchcord map --explain "$(cat /run/id)"
podman rm -f -t 0 web >/dev/null
`;

/** Its monitor has ended and its files are elsewhere; control groups of version 1, which are the machine's, have its id. */
const BY_SOCKET = `
mount -t tmpfs tmpfs /sys/fs/cgroup; for each in cpu cpuacct cpuset memory devices freezer blkio pids; do mkdir /sys/fs/cgroup/$each; mount -t cgroup -o $each $each /sys/fs/cgroup/$each 2>/dev/null; done
mkdir /sys/fs/cgroup/systemd; mount -t cgroup -o none,name=systemd systemd /sys/fs/cgroup/systemd
${PLACE}
start
pid=$(podman inspect -f '{{.State.Pid}}' web); short=$(head -c 12 /run/id); mkdir -p /run/podman /run/user/1000/podman
kill -9 $(awk '/^PPid/ { print $2 }' /proc/$pid/status)
podman system service -t 0 unix:///run/podman/podman.sock &
wait_until "[ -S /run/podman/podman.sock ]"
echo "id $short"
elsewhere() { unshare -m bash -c 'mount -t tmpfs tmpfs /var/lib/containers; "$NODE" "$MAIN" map'; }
echo "== root's"; elsewhere
mv /run/podman/podman.sock /run/user/1000/podman; echo "== a user's"; elsewhere
rm /run/user/1000/podman/podman.sock; echo "== none"; elsewhere
podman rm -f -t 0 web >/dev/null
`;

test(
  "map asks the sockets of root's podman and of users' for the names that no file tells",
  { skip: missing !== undefined, timeout: 180_000 },
  (context) => {
    const { stdout } = apart(command, BY_SOCKET);
    if (stdout.startsWith("no container:")) {
      const reason = `podman cannot run one here: ${stdout}`;
      console.log(`map of a container by a socket: not tested, ${reason}`);
      context.skip(reason);
    }
    const [head = "", ...answers] = stdout.split(/^== .*\n/m);
    const names = answers.map((answer) => /^(\S+) +podman /m.exec(answer)?.[1]);
    expect(names).toEqual(["web", "web", head.replace(/^id /, "").trim()]);
  },
);

test(
  "map finds a container's cable from its name, its id, its pid and the host's device",
  { skip: missing !== undefined, timeout: 180_000 },
  (context) => {
    const { stdout, stderr } = apart(command, CONTAINER);
    if (stdout.startsWith("no container:")) {
      const reason = `podman cannot run one here: ${stdout}`;
      console.log(`map of a container: not tested, ${reason}`);
      context.skip(reason);
    }
    expect(stderr).toBe("");
    const [, pid = "", id = "", veth = ""] = /^pid (\d+), id (\w+), veth (\S+)$/m.exec(stdout) ?? [];
    const [, ...answers] = stdout.split(/^== .*\n/m);
    const [byName = "", byVeth, byPid, explained] = answers;
    expect(byName).toContain("web");
    for (const word of ["podman", "eth0", veth, "cni-lab", "10.88.7.2/24"]) expect(byName).toContain(word);
    for (const other of [byVeth, byPid]) expect(other).toBe(byName);
    expect([id.length, pid]).toEqual([12, expect.stringMatching(/^\d+$/)]);
    for (const words of ["eth0@if", "iflink", "peer_ifindex", veth]) expect(explained).toContain(words);
  },
);
