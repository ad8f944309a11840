// Random flows that put headers on and take them off (NSH, MPLS, VLANs, whole Ethernet headers), fill in tunnels and choose among
// ports, on bridges with tunnels and layer-3 ports; packets, frames and flows of the datapath that are traced through them, and
// frames that go through. Both run a datapath of dummies.

import { readFileSync } from "node:fs";
import type { SwitchSequence } from "./compare-switches.ts";
import { frame } from "./frames.ts";
import { Grammar } from "./grammar.ts";
import { Words } from "./words.ts";

const LAST_TABLE = 4;

const grammar = new Grammar(readFileSync(new URL("grammars/headers.txt", import.meta.url), "utf8"), {
  hex2: (words) => words.hex(2),
});

const VERSIONS = ["OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14", "OpenFlow15"];

const tunnel = (port: number, type: string, options: string): string =>
  `ovs-vsctl add-port int t${port} -- set interface t${port} type=${type} ofport_request=${port} ${options.replace(/(\S+)/g, "options:$1")}`;

const bridge = (name: string, mac: string, mode: string): string =>
  `ovs-vsctl add-br ${name} -- set bridge ${name} datapath-type=dummy fail-mode=${mode} protocols=${VERSIONS.join(",")} other-config:hwaddr=aa:55:aa:55:00:${mac}`;

const SETUP = [
  bridge("br0", "00", "standalone"),
  "ovs-vsctl add-port br0 p10 -- set interface p10 type=dummy ofport_request=10",
  bridge("int", "66", "secure"),
  bridge("br1", "77", "secure"),
  ...[1, 2, 3, 4].map(
    (port) => `ovs-vsctl add-port int p${port} -- set interface p${port} type=dummy ofport_request=${port}`,
  ),
  "ovs-vsctl add-port int x20 -- set interface x20 type=patch options:peer=x21 ofport_request=20 -- add-port br1 x21 -- set interface x21 type=patch options:peer=x20 ofport_request=21",
  tunnel(5, "gre", "remote_ip=1.1.2.92 packet_type=legacy_l3"),
  tunnel(6, "gre", "remote_ip=1.1.2.93 packet_type=ptap key=3"),
  tunnel(7, "geneve", "remote_ip=flow key=flow"),
  tunnel(8, "vxlan", "remote_ip=flow key=flow exts=gbp dst_port=4799"),
  tunnel(9, "vxlan", "remote_ip=1.1.2.92 packet_type=ptap exts=gpe dst_port=4790 key=5"),
  tunnel(11, "gre", "remote_ip=flow local_ip=flow key=flow"),
  tunnel(12, "erspan", "remote_ip=flow key=flow erspan_ver=flow"),
  tunnel(
    13,
    "geneve",
    "remote_ip=1.1.2.92 key=7 csum=true tos=inherit ttl=inherit df_default=false egress_pkt_mark=3",
  ),
  tunnel(14, "vxlan", "remote_ip=2001:cafe::92 key=4"),
  tunnel(15, "gtpu", "remote_ip=1.1.2.92 key=flow"),
  tunnel(16, "vxlan", "remote_ip=1.1.2.99 key=4"),
  "ovs-appctl netdev-dummy/ip4addr br0 1.1.2.88/24",
  "ovs-appctl netdev-dummy/ip6addr br0 2001:cafe::88/64",
  "ovs-appctl ovs/route/add 1.1.2.92/24 br0",
  "ovs-appctl ovs/route/add 2001:cafe::92/64 br0",
  "for ip in 1.1.2.92 1.1.2.93 2001:cafe::92; do ovs-appctl tnl/arp/set br0 $ip f8:bc:12:44:34:b8; done",
  "ovs-ofctl add-flow br1 actions=NORMAL",
];

const START = [
  "mkdir -p run; ovsdb-tool create run/conf.db /usr/share/openvswitch/vswitch.ovsschema",
  "ovsdb-server --detach --no-chdir --pidfile --remote=punix:/tmp/run/db.sock run/conf.db",
  "ovs-vsctl --no-wait init",
  "ovs-vswitchd --enable-dummy --disable-system --disable-system-route --detach --no-chdir --pidfile unix:/tmp/run/db.sock",
];

function trace(words: Words): string {
  const options = words.pick(["", "", "", "", " --generate", " -generate", ` --ct-next ${grammar.make("ctnext", words)}`, " --names",
    ` --ct-next ${grammar.make("ctnext", words)} --ct-next ${grammar.make("ctnext", words)}`, " --l7-len 100 --generate"]); // prettier-ignore
  if (words.chance(20))
    return `ovs-appctl ofproto/trace ${words.pick(["ovs-dummy ", "dummy@ovs-dummy ", ""])}'${grammar.make("odp", words)}'${options}`;
  const generated = options.includes("generate");
  if (words.chance(30) && !generated)
    return `ovs-appctl ofproto/trace int ${words.pick(["in_port=1", "in_port=2", "in_port=20"])} ${frame(words)}${options}`;
  const packet = grammar.make("packet", words);
  if (words.chance(12))
    return `ovs-appctl ofproto/trace-packet-out${words.pick(["", " -consistent"])} int '${packet}'${options} '${forward(grammar.make("c-any", words), -1)}'`;
  return `ovs-appctl ofproto/trace int '${packet}'${options}`;
}

/** Lower tables lead to higher ones only: the original follows a loop with recirculation in it until memory ends. */
function forward(text: string, table: number): string {
  const next = (to: string): number => Math.max(Number(to), table + 1);
  return text
    .replace(/resubmit:(\d+)/g, (_, port: string) => `resubmit(${port},${table + 1})`)
    .replace(/(resubmit\([^,()]*,)(\d+)/g, (_, head: string, to: string) => head + next(to))
    .replace(/(\b(?:table=|goto_table:))(\d+)/g, (_, head: string, to: string) => head + next(to));
}

function flowLine(words: Words): string {
  const text = grammar.make("flow", words);
  const [, head = "", table = "0", rest = ""] = /^(table=(\d+),)(.*)$/.exec(text) ?? [];
  return head + forward(rest, Number(table));
}

/** Groups lead to the last table. */
const groupText = (words: Words): string => forward(grammar.make("group", words), LAST_TABLE - 1);

const tlvLine = (words: Words): string =>
  words.pick([
    `ovs-ofctl add-tlv-map int '${grammar.make("tlvmap", words)}'`,
    `ovs-ofctl del-tlv-map int '${grammar.make("tlvmap", words)}'`,
    "ovs-ofctl dump-tlv-map int",
    "ovs-ofctl del-tlv-map int",
  ]);

/** Flows from a file, all at once: with replace-flows, as a bundle or one after the other. */
function fileLine(words: Words): string {
  const flows = Array.from({ length: 1 + words.below(4) }, () => flowLine(words));
  const say = (lines: readonly string[], file: string): string =>
    `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} >${file}`;
  const version = words.pick(["OpenFlow13", "OpenFlow14", "OpenFlow15"]);
  const bundle = [
    ...flows.map((flow) => `flow ${words.pick(["add ", "add ", "modify ", "delete "])}${flow}`),
    ...words.some([
      `group add group_id=4,${groupText(words)}`,
      `group mod group_id=${1 + words.below(4)},${groupText(words)}`,
      "group delete group_id=3",
    ], 2),
  ].map((line) => (line.startsWith("flow delete") ? line.replace(/,?actions=.*/, "") : line)); // prettier-ignore
  return words.pick([
    `${say(flows, "f.txt")}; ovs-ofctl -O ${version} replace-flows int f.txt`,
    `${say(flows, "f.txt")}; ovs-ofctl -O ${version} diff-flows int f.txt`,
    `${say(flows, "f.txt")}; ovs-ofctl -O ${version} --bundle add-flows int f.txt`,
    `${say(bundle, "b.txt")}; ovs-ofctl -O ${version} bundle int b.txt`,
  ]);
}

export function headerSequence(seed: number, flows = 16, packets = 16): SwitchSequence {
  const words = new Words(seed);
  const lines: string[] = [];
  lines.push(
    "ovs-ofctl add-tlv-map int '{class=0xffff,type=0,len=4}->tun_metadata0,{class=0xffff,type=1,len=8}->tun_metadata1'",
  );
  if (words.chance(30)) lines.push(tlvLine(words));
  for (const id of [1, 2])
    lines.push(`ovs-ofctl -O OpenFlow13 add-meter int meter=${id},kbps,band=type=drop,rate=1000`);
  for (let id = 1; id <= 3; id++)
    lines.push(`ovs-ofctl -O OpenFlow15 add-group int 'group_id=${id},${groupText(words)}'`);
  for (let count = 0; count < flows; count++) {
    const version = words.pick(["OpenFlow13", "OpenFlow13", "OpenFlow15", ...VERSIONS]);
    lines.push(`ovs-ofctl -O ${version} add-flow int '${flowLine(words)}'`);
  }
  if (words.chance(30)) lines.push(fileLine(words));
  lines.push("ovs-ofctl -O OpenFlow15 --no-stats dump-flows int", "ovs-ofctl -O OpenFlow15 dump-groups int");
  for (let count = 0; count < packets; count++) lines.push(trace(words));
  if (words.chance(25)) lines.push(tlvLine(words), trace(words));
  for (let count = 0; count < 5; count++)
    lines.push(`ovs-appctl netdev-dummy/receive p${1 + words.below(3)} ${frame(words)}`);
  lines.push(
    "ovs-appctl dpctl/dump-flows | sed 's/used:[^,]*/used:N/' | sort",
    `ovs-ofctl -O ${words.pick(VERSIONS)} --no-stats dump-flows int`,
    "ovs-ofctl dump-ports int | sed 's/duration=[0-9.]*s//'",
  );
  return { seed, realSetup: SETUP, ourSetup: [...START, ...SETUP], lines, dummies: true };
}
