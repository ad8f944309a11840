// What goes wrong on a real machine: clear words, no hang, nothing left.

import { afterAll, describe, expect, test } from "vitest";
import { Command } from "../cli/command.ts";
import { packageMissing, realKernelMissing } from "../real-kernel.ts";
import { apart } from "./run-apart.ts";

const command = new Command();
afterAll(() => command.remove());
const missing = realKernelMissing();
if (missing !== undefined) console.log(`faults on the real kernel: not tested, ${missing}`);

const run = 'patchcord run --system linux "$SCRIPT"';

describe.skipIf(missing !== undefined)("on the real kernel", { timeout: 300_000 }, () => {
  test("a namespace that vanishes under a program", () => {
    const { stdout, stderr, code } = apart(
      command,
      `ip netns add gone; ${run}`,
      `ip netns exec gone bash -c '/sbin/ip netns del gone; ip link | grep -c lo; ip netns exec gone true'
       ip -n gone link; ip netns`,
    );
    expect(stdout).toBe("2\n"); // it lives as long as the shell in it; "loopback" stands on two lines
    expect(stderr).toBe('Cannot open network namespace "gone": No such file or directory\n'.repeat(2));
    expect(code).toBe(0);
  });

  test("without a journal nothing is changed, and every program says so in its way", () => {
    const { stdout, stderr, code } = apart(
      command,
      `mkdir /run/patchcord; mount -t tmpfs -o ro tmpfs /run/patchcord
       ${run} 2>&1 | sed 's:/run/patchcord/[0-9-]*.jsonl:JOURNAL:'; ls /run/netns 2>/dev/null; ip -br link; cat /proc/sys/net/ipv4/ip_forward`,
      `ip netns add a1; ip link add v1 type veth peer name e1; ip tuntap add mode tap; brctl addbr br0
       for n in 1 2; do echo 1 > /proc/sys/net/ipv4/ip_forward; done`,
    );
    const why = "Read-only file system";
    expect(
      stdout
        .replace(/^.*: line \d+: /gm, "bash: ")
        .split("\n")
        .slice(0, -3),
    ).toEqual([
      `patchcord: JOURNAL: ${why}; without this journal nothing is changed`,
      `mkdir /run/netns failed: ${why}`,
      `RTNETLINK answers: ${why}`,
      `ioctl(TUNSETIFF): ${why}`,
      `add bridge failed: ${why}`,
      `bash: /proc/sys/net/ipv4/ip_forward: ${why}`,
      `bash: /proc/sys/net/ipv4/ip_forward: ${why}`,
    ]);
    expect(stdout).toMatch(/\nlo .*\n0\n$/);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  });

  test("a journal that is full takes no part of an entry, and what it has is cleaned up", () => {
    const { stdout, stderr } = apart(
      command,
      `mkdir /run/patchcord; mount -t tmpfs -o size=4k tmpfs /run/patchcord
       ${run} 2>&1 | sed 's:/run/patchcord/[0-9-]*.jsonl:JOURNAL:'; tail -qc 1 /run/patchcord/* | od -An -c; patchcord cleanup | wc -l; ip -br link`,
      `n=1; while ip link add d$n type veth peer name e$n; do n=$((n+1)); done; ip link del d1; [ $n -gt 3 ] && echo some`,
    );
    const why = "No space left on device";
    expect(stdout).toMatch(
      new RegExp(
        `^patchcord: JOURNAL: ${why}; without this journal nothing is changed\nRTNETLINK answers: ${why}\nsome\n {2}\\\\n\n\\d+\nlo .*\n$`,
      ),
    );
    expect(stderr).toBe("");
  });

  test("what is no journal is left alone or taken away, and what cannot be read is told", () => {
    const { stdout, stderr, code } = apart(
      command,
      `mkdir -m 700 /run/patchcord; cd /run/patchcord; mkdir 1-1.jsonl; mkfifo 1-2.jsonl; ln -s /etc/passwd 1-3.jsonl; echo text >notes
       printf 'text\nnull\n3\n[]\n' >1-4.jsonl; patchcord cleanup; echo $?; ls
       chown 65534 .; drop=-dac_override,-dac_read_search
       exec setpriv --bounding-set $drop --inh-caps $drop "$NODE" "$MAIN" cleanup`,
    );
    expect(stdout).toBe("0\n1-1.jsonl\n1-2.jsonl\n1-3.jsonl\nnotes\n");
    expect(stderr).toBe("patchcord: /run/patchcord: Permission denied\n");
    expect(code).toBe(1);
  });

  test("a device that is renamed meanwhile is no other device", () => {
    const { stderr } = apart(
      command,
      `ip link add old type bridge; ${run}`,
      "/sbin/ip link set old name new; ip link set old up; ip -br link show new",
    );
    expect(stderr).toBe('Cannot find device "old"\n');
  });

  test("a device that goes while it is down, and renamed, ends its capture", () => {
    const { stdout, stderr } = apart(
      command,
      `ip link add d0 type veth peer name p0; ip link set d0 up; ip link set p0 up
       patchcord run --system linux "$SCRIPT" 2>/run/err & wait_until "grep listening /run/err"
       ip link set d0 down; ip link set d0 name dx; sleep 0.3; ip link del dx; wait; grep -E '^tcpdump: pcap' /run/err >&2`,
      "tcpdump --immediate-mode -i d0 not ip6; echo $?",
    );
    expect({ stdout, stderr }).toEqual({
      stdout: "1\n",
      stderr: "tcpdump: pcap_loop: The interface disappeared\n",
    });
  });

  test("a bridge that is full", () => {
    const fill = `{ echo link add br0 type bridge; for n in $(seq 512); do echo link add a$n type veth peer name b$n; echo link set a$n master br0; echo link set b$n master br0; done; } | ip -batch - 2>/dev/null`;
    const { stdout, stderr } = apart(
      command,
      `${fill}; /sbin/ip link add x type veth peer name y; /sbin/ip link set x master br0; echo $?; ${run}`,
      "ip link set x master br0; echo $?; brctl addif br0 y; echo $?",
    );
    const [real, ours, brctl] = stdout.split("\\n").join("").split("\n");
    expect(ours).toBe(real);
    expect(brctl).toBe("1");
    const said = stderr.split("\n");
    expect(said[1]).toBe(said[0]);
  });

  test("a TAP in use", () => {
    const { stderr, code } = apart(
      command,
      `ip tuntap add dev t0 mode tap; ${run}`,
      "ip tuntap add dev t0 mode tap",
    );
    expect({ stderr, code }).toEqual({ stderr: "ioctl(TUNSETIFF): Device or resource busy\n", code: 1 });
  });

  test("a lab without a TAP of that name on a busy device", () => {
    const { stderr, code, took } = apart(
      command,
      'ip link add patch0 type bridge; patchcord attach --lab "$SCRIPT"',
      "true",
    );
    expect(stderr).toBe("patchcord: patch0 on this machine: Invalid argument (no TAP has this name)\n");
    expect(code).toBe(1);
    expect(took).toBeLessThan(60);
  });

  test("more events than a monitor has room for", () => {
    const { stdout, stderr } = apart(
      command,
      `patchcord run --system linux "$SCRIPT" >/run/out 2>/run/err & disown
       wait_until "ip link add ready type bridge; ip link del ready; [ -s /run/out ]"
       kill -STOP $(pgrep -f "run --system linux $SCRIPT"); seq 1500 | sed 's/.*/link add a& type veth peer name b&/' | ip -batch -
       kill -CONT $(pgrep -f "run --system linux $SCRIPT")
       wait_until "ip link add last type bridge; sleep 0.5; grep last: /run/out || ! ip link del last"
       kill $(pgrep -f "run --system linux $SCRIPT"); grep -c 'last: ' /run/out; grep -v "^Terminated$" /run/err >&2`,
      "ip monitor link",
    );
    // the shell around the command, which is ended as well, may say so
    expect(stdout).toMatch(/^[1-9]\d*\n$/); // it goes on after what it has missed
    expect(stderr).toMatch(/^(?:netlink receive error No buffer space available \(105\)\n)+$/);
  });

  const withoutOvs = missing ?? packageMissing("openvswitch-switch", "/usr/sbin/ovsdb-server");
  if (withoutOvs !== undefined) console.log(`faults of Open vSwitch: not tested, ${withoutOvs}`);
  const server = `cd /run; mkdir openvswitch; ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
    start() { ovsdb-server conf.db --remote=punix:/run/openvswitch/db.sock --detach --pidfile=/run/s.pid --no-chdir 2>/dev/null; }
    stop() { kill "$1" "$(cat /run/s.pid)"; while kill -0 "$(cat /run/s.pid)" 2>/dev/null; do sleep 0.1; done; rm -f /run/openvswitch/db.sock; }`;
  /** Both tools' errors with the clock's part masked; ours first. */
  const both = (text: string): string[] =>
    text.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME").split("== real\n");

  test.skipIf(withoutOvs !== undefined)(
    "daemons of Open vSwitch that do not run: as the real tools say it",
    () => {
      const { stdout } = apart(
        command,
        `${server}; patchcord run --system linux "$SCRIPT" 2>&1; echo "== real"; bash "$SCRIPT" 2>&1
       start; ovs-vsctl --no-wait init; stop -9`,
        "ovs-vsctl show; echo $?; ovs-ofctl show br0; echo $?; ovs-appctl version; echo $?; ovsdb-client list-dbs; echo $?",
      );
      const [ours, real] = both(stdout);
      expect(ours).toBe(real);
      expect(ours).toContain("database connection failed (No such file or directory)");
    },
  );

  test.skipIf(withoutOvs !== undefined)(
    "a switch daemon that never answers ends with the time that was given",
    () => {
      const { stdout } = apart(
        command,
        `${server}; start; ovs-vsctl --no-wait init
       patchcord run --system linux "$SCRIPT" 2>&1; echo "== real"; ovs-vsctl --no-wait del-br x; bash "$SCRIPT" 2>&1; stop -TERM`,
        "ovs-vsctl -t 2 add-br x; echo $?",
      );
      const [ours, real] = both(stdout);
      expect(ours?.replace(/^.*Alarm clock *.*$/gm, "Alarm clock")).toBe(
        real?.replace(/^.*Alarm clock *.*$/gm, "Alarm clock"),
      );
      expect(ours).toMatch(/142\n$/);
    },
  );

  test.skipIf(withoutOvs !== undefined)("a database that dies while a tool waits for the switch", () => {
    const { stdout, took } = apart(
      command,
      `${server}; start; ovs-vsctl --no-wait init
       (sleep 6; stop -9) & patchcord run --system linux "$SCRIPT" 2>&1; wait`,
      "ovs-vsctl -t 12 add-br x; echo $?",
    );
    expect(stdout).toMatch(/(?:142|1)\n$/); // it tries to connect anew until its time is over, as the real one
    expect(took).toBeLessThan(60);
  });

  test.skipIf(withoutOvs !== undefined)(
    "a switch daemon that hangs while flows are to be given back: cleanup says so soon, and can be made again",
    () => {
      const { stdout, took } = apart(
        command,
        `${server}; start; ovs-vsctl --no-wait init
         ovs-vswitchd --enable-dummy=override --disable-system --detach --no-chdir --pidfile=/run/v.pid --log-file=/dev/null unix:/run/openvswitch/db.sock 2>/dev/null
         ovs-vsctl add-br b0 -- add-br b1 -- add-br b2; state() { for b in b0 b1 b2; do ovs-ofctl dump-flows $b | sed -E 's/ (duration|idle_age)=[^,]*,//g'; done; }; before=$(state)
         patchcord run --system linux "$SCRIPT" 2>&1; kill -STOP $(cat /run/v.pid); patchcord cleanup 2>&1; echo $?
         kill -CONT $(cat /run/v.pid); patchcord cleanup >/run/told; echo $?; diff <(echo "$before") <(state) && echo as before; kill $(cat /run/v.pid); stop -TERM`,
        "for b in b0 b1 b2; do ovs-ofctl add-flow $b arp,actions=drop; ovs-ofctl add-flow $b udp,actions=drop; done",
      );
      expect(stdout.split("\n")).toEqual([
        "patchcord: flows of Open vSwitch's bridge b2: Connection timed out",
        ...["1", "0", "as before", ""],
      ]);
      expect(took).toBeLessThan(60); // each daemon's answer is waited for a few seconds, the hang never ends
    },
  );

  test.skipIf(withoutOvs !== undefined)("a switch daemon that dies under a monitor", () => {
    const { stdout, took } = apart(
      command,
      `${server}; start; ovs-vsctl --no-wait init
       daemon() { ovs-vswitchd --enable-dummy=override --disable-system --detach --no-chdir --pidfile=/run/v.pid --log-file=/dev/null unix:/run/openvswitch/db.sock 2>/dev/null; }
       daemon; ovs-vsctl add-br b0; watched() { wait_until "grep ' 03 .*b0.mgmt' /proc/net/unix"; sleep 2; kill -9 $(cat /run/v.pid); }
       watched & patchcord run --system linux "$SCRIPT" 2>&1; wait
       echo "== real"; rm -f /run/v.pid; daemon; watched & bash "$SCRIPT" 2>&1; wait; stop -TERM`,
      "ovs-ofctl monitor b0 65535; echo $?",
    );
    const [ours, real] = both(stdout);
    expect(ours).toBe(real);
    expect(took).toBeLessThan(60);
  });

  const withoutSocat = missing ?? packageMissing("socat", "/usr/bin/socat");
  if (withoutSocat !== undefined) console.log(`a database that is silent: not tested, ${withoutSocat}`);
  test.skipIf(withoutSocat !== undefined)("a database of Open vSwitch that does not answer, or dies", () => {
    const silent = apart(
      command,
      "mkdir /run/openvswitch; socat UNIX-LISTEN:/run/openvswitch/db.sock,fork EXEC:'sleep 600' & s=$!; wait_until '[ -S /run/openvswitch/db.sock ]'; patchcord scan; c=$?; kill $s; exit $c",
    );
    expect(silent.stdout).toContain(
      "not read: Open vSwitch's database /var/run/openvswitch/db.sock: no answer",
    );
    expect(silent.code).toBe(1);
    const dying = apart(
      command,
      "mkdir /run/openvswitch; socat UNIX-LISTEN:/run/openvswitch/db.sock,fork EXEC:'head -c 1' >/dev/null & s=$!; wait_until '[ -S /run/openvswitch/db.sock ]'; patchcord scan; c=$?; kill $s; exit $c",
    );
    expect(dying.stdout).toMatch(
      /not read: Open vSwitch's database .*: (End of file|Broken pipe|Connection reset by peer)/,
    );
    const dead = apart(
      command,
      "mkdir /run/openvswitch; socat UNIX-LISTEN:/run/openvswitch/db.sock,unlink-close=0 STDOUT & wait_until '[ -S /run/openvswitch/db.sock ]'; kill -9 $!; wait; patchcord scan",
    );
    expect(dead.stdout).toContain(
      "not read: Open vSwitch's database /var/run/openvswitch/db.sock: Connection refused",
    );
  });
});
