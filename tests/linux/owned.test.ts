// What a run makes in things that it does not own, a database of Open vSwitch and the machine's settings, goes with a cleanup,
// and what others made there stays.

import { afterAll, describe, expect, test } from "vitest";
import { Command } from "../cli/command.ts";
import { packageMissing, realKernelMissing } from "../real-kernel.ts";
import { apart } from "./run-apart.ts";

const command = new Command();
afterAll(() => command.remove());
const missing = realKernelMissing();
if (missing !== undefined) console.log(`cleanup of rows and settings: not tested, ${missing}`);
const withoutOvs = missing ?? packageMissing("openvswitch-switch", "/usr/sbin/ovsdb-server");
if (withoutOvs !== undefined) console.log(`cleanup of bridges of Open vSwitch: not tested, ${withoutOvs}`);

/** A database without a switch daemon, with a bridge and a port of somebody else. */
const DATABASE = `
mkdir -p /run/openvswitch; cd /run/openvswitch
ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server conf.db --remote=punix:/run/openvswitch/db.sock --detach --pidfile=/run/openvswitch/s.pid --no-chdir 2>/dev/null
real() { OVS_RUNDIR=/run/openvswitch /usr/bin/ovs-vsctl --no-wait "$@"; }
real init; real add-br foreign -- add-port foreign fp1
before=$(real show)
`;
const STOP = 'kill "$(cat /run/openvswitch/s.pid)"';

describe.skipIf(missing !== undefined)("cleanup", { timeout: 300_000 }, () => {
  test.skipIf(withoutOvs !== undefined)("of bridges and ports of Open vSwitch", () => {
    const { stdout, stderr } = apart(
      command,
      `${DATABASE}
       patchcord run --system linux "$SCRIPT"
       real list-br; real list-ports foreign
       patchcord cleanup --dry-run | sort
       patchcord cleanup | sort
       [ "$before" = "$(real show)" ] && echo as before; patchcord cleanup; ${STOP}`,
      `ovs-vsctl --no-wait add-br mine -- add-port mine mp1
       ovs-vsctl --no-wait add-port foreign stranger; ovs-vsctl --no-wait add-br gone; ovs-vsctl --no-wait del-br gone`,
    );
    const rows = ["bridge mine", "port mine", "port mp1", "port stranger"].map(
      (row) => `Open vSwitch's ${row}`,
    );
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      ...["foreign", "mine", "fp1", "stranger"],
      ...rows.map((row) => `would remove ${row}`),
      ...rows.map((row) => `removed ${row}`),
      "as before",
      "",
    ]);
  });

  test.skipIf(withoutOvs !== undefined)("of all else in the database", () => {
    const { stdout, stderr } = apart(
      command,
      `${DATABASE} real -- --id=@q create qos type=linux-htb other_config:max-rate=5 -- set port fp1 qos=@q tag=3 -- add-port foreign fp2 \
         -- set bridge foreign external_ids:a=1 external_ids:b=2 >/dev/null
       real -- --id=@p get port fp2 -- --id=@m create mirror name=m1 select_src_port=@p -- set bridge foreign mirrors=@m >/dev/null
       real set-controller foreign tcp:10.0.0.1; dump() { ovsdb-client dump unix:/run/openvswitch/db.sock Open_vSwitch; }; before=$(dump)
       patchcord run --system linux "$SCRIPT"; [ "$before" = "$(dump)" ] && echo nothing changed
       patchcord cleanup >/run/told; diff <(echo "$before") <(dump) && echo as before; ${STOP}`,
      `exec >/dev/null; ovs-vsctl --no-wait set bridge foreign external_ids:a=9 external_ids:c=3 stp_enable=true -- remove bridge foreign external_ids b
       ovs-vsctl --no-wait set-controller foreign tcp:10.0.0.2 -- set-manager ptcp:6640 -- set-fail-mode foreign secure
       ovs-vsctl --no-wait set port fp1 tag=4 trunks=1,2 -- set interface fp1 type=internal -- del-port fp2
       ovs-vsctl --no-wait set port fp1 qos=@q -- --id=@q create qos type=linux-hfsc queues:0=@r -- --id=@r create queue external_ids:who=mine
       ovs-vsctl --no-wait -- --id=@n create netflow targets='"1.2.3.4:5"' -- set bridge foreign netflow=@n -- clear bridge foreign mirrors
       ovs-vsctl --no-wait del-br foreign -- add-br foreign -- add-br other; ovs-vsctl --no-wait set open . external_ids:x=y`,
    );
    expect(stderr).toBe("");
    expect(stdout).toBe("as before\n");
  });

  test.skipIf(withoutOvs !== undefined)(
    "of a bridge in a server that chooses the UUIDs, of which the answer never came",
    () => {
      const proxy = `const net = require("net"), fs = require("fs");
        net.createServer((client) => {
          const server = net.connect("/run/openvswitch/db.sock");
          client.on("data", (bytes) => {
            server.write(String(bytes).replaceAll('"uuid":', '"unknown":'));
            if (String(bytes).includes('"mine"')) process.kill(Number(/^[0-9]+/.exec(fs.readdirSync("/run/patchcord")[0])), "SIGKILL");
          }).on("error", () => {}).on("close", () => server.end());
          server.on("data", (bytes) => client.write(bytes));
        }).listen("/run/old.sock");`;
      const { stdout, stderr } = apart(
        command,
        `${DATABASE} cat >/run/proxy.js; "$NODE" /run/proxy.js & proxy=$!; wait_until "[ -S /run/old.sock ]"
         patchcord run --system linux "$SCRIPT"; echo $?; wait_until "real list-br | grep mine"; real list-br; patchcord cleanup; [ "$before" = "$(real show)" ] && echo as before; kill $proxy; ${STOP}`.replace(
          "cat >/run/proxy.js;",
          () => `cat >/run/proxy.js <<'END'\n${proxy}\nEND\n`,
        ),
        "ovs-vsctl --db=unix:/run/old.sock --no-wait add-br second; ovs-vsctl --db=unix:/run/old.sock --no-wait add-br mine",
      );
      expect(stderr).not.toContain("Error");
      expect(stdout.split("\n")).toEqual([
        ...["137", "foreign", "mine", "second"],
        ...["bridge mine", "bridge second", "port mine", "port second"].map(
          (row) => `removed Open vSwitch's ${row}`,
        ),
        "as before",
        "",
      ]);
    },
  );

  test.skipIf(withoutOvs !== undefined)("of flows, groups and meters of others' bridges", () => {
    const { stdout, stderr } = apart(
      command,
      `${DATABASE} ovs-vswitchd --enable-dummy=override --disable-system --detach --no-chdir --pidfile=/run/openvswitch/v.pid --log-file=/dev/null unix:/run/openvswitch/db.sock 2>/dev/null
       ofctl() { /usr/bin/ovs-ofctl -O OpenFlow14 "$@"; }; /usr/bin/ovs-vsctl add-br other -- add-br free
       ofctl add-meter other meter=1,pktps,band=type=drop,rate=5; ofctl add-group other group_id=1,type=all,bucket=output:1
       for n in 1 2 3; do ofctl add-flow other "table=$n,priority=7,cookie=0x$n,idle_timeout=900,ip,nw_src=10.0.0.$n,actions=group:1,set_field:5->reg$n,resubmit(,5)"; done
       dump() { for what in dump-flows dump-groups dump-meters; do ofctl $what $1 | sed -E 's/(duration|n_packets|n_bytes|idle_age)=[^,]*, //g; s/OFPST[^ ]* .*//' | sort; done; }; before=$(dump other; dump free)
       patchcord run --system linux "$SCRIPT"; [ "$before" = "$(dump other; dump free)" ] && echo nothing changed
       ofctl add-flow free priority=99,actions=drop; before=$before$'\\n'$(ofctl dump-flows free | grep -o priority=99.*)
       patchcord cleanup >/run/told; diff <(echo "$before") <(echo "$(dump other; dump free | grep -v priority=99)"; ofctl dump-flows free | grep -o priority=99.*) && echo as before
       kill "$(cat /run/openvswitch/v.pid)"; ${STOP}`,
      `exec >/dev/null; ovs-ofctl del-flows other table=1; ovs-ofctl add-flow other table=2,priority=7,ip,nw_src=10.0.0.2,actions=drop; ovs-ofctl add-flow other priority=3,ipv6,actions=flood
       ovs-ofctl -O OpenFlow13 mod-group other group_id=1,type=all,bucket=output:2; ovs-ofctl -O OpenFlow13 add-group other group_id=2,type=indirect,bucket=output:3; ovs-ofctl -O OpenFlow13 del-meter other meter=1
       ovs-ofctl --bundle add-flow free priority=5,arp,actions=normal; ovs-ofctl --strict del-flows free priority=0`,
    );
    expect(stderr).toBe("");
    expect(stdout).toBe("as before\n");
  });

  test.skipIf(withoutOvs !== undefined)(
    "of ports and tables of others' bridges, of bridges that speak other versions, and of flows that the daemon drops",
    () => {
      const { stdout, stderr } = apart(
        command,
        `${DATABASE} ovs-vswitchd --enable-dummy=override --disable-system --detach --no-chdir --pidfile=/run/openvswitch/v.pid --log-file=/dev/null unix:/run/openvswitch/db.sock 2>/dev/null
       vsctl() { /usr/bin/ovs-vsctl "$@"; }; vsctl add-br v10 -- add-br v11 -- add-br v12 -- add-br v15 -- add-br gone -- add-br dropped -- add-port dropped d1 -- set interface d1 type=dummy
       for v in 10 11 12 15; do vsctl set bridge v$v protocols=OpenFlow$v; done; vsctl set-fail-mode dropped secure
       ofctl() { /usr/bin/ovs-ofctl -O "OpenFlow$1" "\${@:2}"; }
       for v in 10 11 12 15; do for n in 1 2; do ofctl $v add-flow v$v "table=$n,priority=7,cookie=0x$n,idle_timeout=900,ip,nw_src=10.0.0.$n,actions=load:5->NXM_NX_REG$n[],resubmit(,5)"; done; done
       for v in 11 12 15; do ofctl $v add-group v$v group_id=1,type=all,bucket=output:1,bucket=output:2; done; ofctl 15 add-meter v15 meter=1,pktps,band=type=drop,rate=5
       for b in gone dropped; do ofctl 14 del-flows $b; ofctl 14 add-flow $b 'table=3,priority=9,tcp,tp_dst=80,actions=ct(table=4)'; ofctl 14 add-group $b group_id=5,type=select,bucket=weight:3,output:1; done
       ofctl 10 mod-port dropped d1 no-flood; ofctl 12 mod-table dropped 7 drop; ofctl 14 mod-table dropped 8 vacancy:20,30
       dump() { for v in 10 11 12 15; do for what in dump-flows dump-groups dump-meters; do ofctl $v $what v$v 2>&1; done; done
         for b in gone dropped; do for what in dump-flows dump-groups; do ofctl 14 $what $b 2>&1; done; done
         ofctl 10 show dropped | grep -A1 '(d1)'; ofctl 12 dump-table-features dropped 2>&1 | grep -A1 'table 7'; ofctl 14 dump-table-desc dropped | grep -B1 -A1 'vacancy=on'; }
       state() { dump | sed -E 's/(duration|n_packets|n_bytes|idle_age)=[^,]*, //g; s/(OFPST|NXST)[^ ]* .*//; s/ addr:.*//' | sort; }; before=$(state)
       patchcord run --system linux "$SCRIPT"; [ "$before" = "$(state)" ] && echo nothing changed
       patchcord cleanup >/run/told; diff <(echo "$before") <(state) && echo as before
       kill "$(cat /run/openvswitch/v.pid)"; ${STOP}`,
        `for v in 10 11 12 15; do ovs-ofctl -O OpenFlow$v del-flows v$v table=1; ovs-ofctl -O OpenFlow$v add-flow v$v table=2,priority=7,ip,nw_src=10.0.0.2,actions=drop; ovs-ofctl -O OpenFlow$v add-flow v$v priority=3,arp,actions=flood; done
       for v in 11 12 15; do ovs-ofctl -O OpenFlow$v add-group v$v group_id=2,type=indirect,bucket=output:3; ovs-ofctl -O OpenFlow$v mod-group v$v group_id=1,type=all,bucket=output:9; done; ovs-ofctl -O OpenFlow15 del-meter v15 meter=1
       ovs-ofctl mod-port dropped d1 no-packet-in; ovs-ofctl mod-port dropped d1 flood; ovs-ofctl -O OpenFlow12 mod-table dropped 7 continue; ovs-ofctl -O OpenFlow14 mod-table dropped 8 novacancy; ovs-ofctl -O OpenFlow14 mod-table dropped 9 evict
       ovs-vsctl del-br gone -- set-controller dropped tcp:127.0.0.1:6699 -- set-fail-mode dropped standalone; ovs-vsctl del-port dropped d1`,
      );
      expect(stderr).toBe("");
      expect(stdout).toBe("as before\n");
    },
  );

  test("leaves alone a bridge of others that has got the name of one of ours", () => {
    const { stdout, stderr } = apart(
      command,
      `${DATABASE}
       patchcord run --system linux "$SCRIPT"; real del-br mine; real add-br mine
       patchcord cleanup; real list-br; ${STOP}`,
      "ovs-vsctl --no-wait add-br mine",
    );
    expect(stderr).toBe("");
    expect(stdout).toBe("foreign\nmine\n");
  });

  test("of a database that does not run any more says so, and can be made again", () => {
    const journal = `{"type":"start","pid":1,"started":"0","boot":"'$(cat /proc/sys/kernel/random/boot_id)'"}`;
    const row = '{"type":"ovs","socket":"/run/ovs.sock","table":"Bridge","name":"b","made":"x"}';
    const { stderr, code } = apart(
      command,
      `mkdir /run/patchcord; printf '%s\\n' '${journal}' '${row}' >/run/patchcord/1-1.jsonl; patchcord cleanup; c=$?; ls /run/patchcord >/dev/null && exit $c`,
    );
    expect(stderr).toBe("patchcord: Open vSwitch's database /run/ovs.sock: No such file or directory\n");
    expect(code).toBe(1);
  });

  test("of settings of the machine's own namespace", () => {
    const { stdout } = apart(
      command,
      `f=/proc/sys/net/ipv4; echo 2 >$f/conf/all/rp_filter
       patchcord run --system linux "$SCRIPT"; cat $f/ip_forward $f/conf/all/rp_filter; patchcord cleanup; cat $f/ip_forward $f/conf/all/rp_filter`,
      "sysctl -qw net.ipv4.ip_forward=1; echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter; echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter",
    );
    expect(stdout).toBe(
      [
        "1",
        "0",
        ...["ip_forward", "conf/all/rp_filter"].map(
          (name) => `removed the change of /proc/sys/net/ipv4/${name}`,
        ),
        "0",
        "2",
        "",
      ].join("\n"),
    );
  });

  test("of addresses, routes, neighbours and rules on devices of others, and of no others", () => {
    const { stdout, stderr } = apart(
      command,
      `ip link add foreign type bridge; ip link set foreign up
       ip addr add 10.1.0.1/24 dev foreign; ip route add 10.2.0.0/16 via 10.1.0.9; ip rule add from 10.3.0.1 table 7
       ip neigh add 10.1.0.8 lladdr 02:00:00:00:00:08 dev foreign
       state() { ip -4 addr show foreign; ip route; ip rule; ip neigh show nud permanent; bridge fdb show dev foreign; }
       before=$(state)
       patchcord run --system linux "$SCRIPT"; state | grep -c '10.[1-9].0.7'
       patchcord cleanup; [ "$before" = "$(state)" ] && echo as before`,
      `ip addr add 10.1.0.7/24 dev foreign; ip addr add 10.1.0.1/24 dev foreign 2>/dev/null
       ip route add 10.5.0.7 via 10.1.0.9; ip route add 10.2.0.0/16 via 10.1.0.9 2>/dev/null
       ip rule add from 10.6.0.7 table 8; ip rule add from 10.3.0.1 table 7 2>/dev/null
       ip neigh add 10.1.0.7 lladdr 02:00:00:00:00:07 dev foreign
       ip link add mine type bridge; ip addr add 10.7.0.7/24 dev mine`,
    );
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      "4",
      "removed neighbour 10.1.0.7",
      "removed rule",
      "removed rule",
      "removed route 10.5.0.7/32",
      "removed address 10.1.0.7/24",
      "removed device mine",
      "as before",
      "",
    ]);
  });

  test("of a device that was renamed, and not of another one with its name", () => {
    const { stdout } = apart(
      command,
      `patchcord run --system linux "$SCRIPT"
       ip link set mine name renamed; ip link add mine type bridge
       patchcord cleanup; ip -br link | cut -d' ' -f1`,
      "ip link add mine type bridge",
    );
    expect(stdout).toBe("removed device renamed\nlo\nmine\n");
  });

  test("does nothing by a journal of another boot", () => {
    const { stdout } = apart(
      command,
      `patchcord run --system linux "$SCRIPT"; sed -i -E 's/"boot":"[^"]*"/"boot":"another"/' /run/patchcord/*.jsonl
       patchcord cleanup; ip -br link show mine | cut -d' ' -f1; ls /run/patchcord 2>/dev/null`,
      "ip link add mine type bridge",
    );
    expect(stdout).toBe("mine\n");
  });
});
